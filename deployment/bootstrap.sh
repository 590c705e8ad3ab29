#!/bin/sh
# Put on this machine what the rest of the set-up needs: system packages, the Python environment,
# npm packages. Nothing is done twice, and an interrupted try is taken up again by the next one.
# Standard tools only: it runs before anything is installed. What operators read is French.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
home=${TERRITOIRE_HOME:-$here/.territoire}
venv=${TERRITOIRE_VENV:-$home/venv}
log=$home/logs/bootstrap.log
policy=/usr/sbin/policy-rc.d
began=$(date +%s)
title=""
policy_is_ours=""
as_root=""

say() { printf '%s\n' "$*"; }
step() { title=$1 began=$(date +%s); printf '  … %s\n' "$title"; }
done_() { printf '  ✓ %s (%s s)\n' "$title" "$(($(date +%s) - began))"; title=""; }
fail() {
  [ -z "$title" ] || say "  ✗ $title" >&2
  title=""
  printf '\n%s\n' "$*" >&2
  exit 1
}
fail_step() { # the cause, from the end of the log, then what to do
  cause=$1
  tail -n 8 "$log" >&2 2>/dev/null || true
  case $(tail -n 40 "$log" 2>/dev/null) in
    *"No space left"*) cause="$cause Le disque est plein : libérez de la place." ;;
    *[Rr]esol*|*"ENOTFOUND"*|*"EAI_AGAIN"*|*"dns error"*|*"onnection"*|*"Network is unreachable"*)
      cause="$cause Le réseau semble coupé : vérifiez la connexion." ;;
  esac
  fail "$cause Puis relancez la même commande : elle reprendra à cette étape.
Journal : $log"
}
clean_up() {
  status=$?
  [ -z "$policy_is_ours" ] || $as_root rm -f "$policy"
  if [ "$status" -gt 128 ] && [ -n "$title" ]; then
    say "  ✗ $title : interrompu. Relancez la même commande, elle reprendra ici." >&2
  fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$home/logs" "$home/stamps" "$(dirname "$venv")" 2>/dev/null ||
  fail "Le dossier $home ne peut pas être créé : disque plein, ou droits manquants."
free_kb=$(df -Pk "$home" | awk 'NR == 2 { print $4 }')
[ "$free_kb" -gt 500000 ] ||
  fail "Le disque est plein : $((free_kb / 1000)) Mo libres dans $home. Libérez de la place puis relancez."
exec 9>>"$venv.lock" # two set-ups of one environment wait for each other
flock 9

# --- system packages: by what they bring, so that another way to install them counts too
missing=""
need() { [ -e "$1" ] || command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
python=python3
command -v python3.11 >/dev/null 2>&1 && python=python3.11
need /usr/lib/postgresql/15/bin/initdb postgresql-15
need /usr/share/postgresql/15/extension/postgis.control postgresql-15-postgis-3
need redis-server redis-server
need javac openjdk-17-jdk-headless
need mvn maven
need node nodejs
need npm npm
need gcc gcc            # psycopg2 has no wheel: it is compiled
need /usr/include/stdio.h libc6-dev
need pg_config libpq-dev
[ -z "${TERRITOIRE_BROWSER:-}" ] || need chromium chromium
if [ ! -e "$venv/territoire-stamp" ]; then
  "$python" -c 'import ensurepip, venv, sysconfig, os
assert os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))' 2>/dev/null ||
    missing="$missing python3 python3-venv python3-dev"
fi
ls /usr/lib/*/libmagic.so.1 >/dev/null 2>&1 || missing="$missing libmagic1"

if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ]; then
    as_root="sudo"
    { sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; } ||
      fail "Il manque des paquets du système. Demandez à un administrateur de taper :
  apt-get update && apt-get install -y --no-install-recommends$missing"
  fi
  command -v apt-get >/dev/null 2>&1 ||
    fail "Il manque$missing, et cette machine n’a pas apt-get : Debian 12 est attendu."
  step "paquets du système :$missing"
  # services of the system must not start by themselves: ours have their own ports and folders
  if [ ! -e $policy ]; then
    policy_is_ours=1
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod +x $policy
  fi
  # a first try killed in mid installation leaves dpkg to be completed
  { $as_root dpkg --configure -a && $as_root apt-get update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      -o DPkg::Lock::Timeout=120 $missing; } >>"$log" 2>&1 ||
    fail_step "Des paquets du système n’ont pas pu être installés."
  [ -z "$policy_is_ours" ] || $as_root rm -f $policy
  policy_is_ours=""
  done_
  command -v python3.11 >/dev/null 2>&1 && python=python3.11
fi

# --- Python environment, from the lock files
install_python() {
  # uv reads the same lock as pip, ten times faster; where it cannot reach the index, pip serves
  "$venv/bin/python" -m pip install -q uv==0.13.9 || return 1
  for options in "-r $here/deployment/requirements.lock" \
    "--no-deps -r $here/deployment/requirements-nodeps.lock" \
    "--no-deps --no-build-isolation -e $here"; do
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" $options ||
      "$venv/bin/python" -m pip install -q $options || return 1
  done
  # what the build leaves beside the sources would hide the installed list of plugins
  rm -rf "$here/ckanext_territoire.egg-info"
}
stamp=$venv/territoire-stamp
# the kinds of sources are plugins: their names are part of what is installed, their code is not
mark=$({ cat "$here/deployment/requirements.lock" "$here/deployment/requirements-nodeps.lock" "$here/setup.py"
  ls "$here/harvesters/sources"; } | grep -v '^__pycache__' | sha256sum | cut -c1-40)
if [ "$(cat "$stamp" 2>/dev/null)" != "$mark" ]; then
  step "environnement Python"
  # only an environment that we made ourselves and did not finish is thrown away
  if [ -e "$venv/.unfinished" ]; then rm -rf "$venv"; fi
  if [ ! -x "$venv/bin/python" ]; then
    mkdir -p "$venv" && touch "$venv/.unfinished"
    "$python" -m venv "$venv" >>"$log" 2>&1 ||
      fail_step "L’environnement Python n’a pas pu être créé dans $venv."
  fi
  [ "$venv" != "$home/venv" ] || touch "$venv/.unfinished"
  install_python >>"$log" 2>&1 || fail_step "Les bibliothèques Python n’ont pas pu être installées."
  printf '%s' "$mark" >"$stamp.tmp" && mv "$stamp.tmp" "$stamp"
  rm -f "$venv/.unfinished"
  done_
fi

# --- npm packages: the list of communes, fonts, map
stamp=$home/stamps/npm
mark=$(sha256sum <"$here/deployment/npm/package-lock.json" | cut -c1-40)
if [ "$(cat "$stamp" 2>/dev/null)" != "$mark" ]; then
  step "paquets npm"
  mkdir -p "$home/npm"
  cp "$here/deployment/npm/package.json" "$here/deployment/npm/package-lock.json" "$home/npm/"
  (cd "$home/npm" && npm ci --no-audit --no-fund --ignore-scripts) >>"$log" 2>&1 ||
    fail_step "Les paquets npm n’ont pas pu être installés."
  printf '%s' "$mark" >"$stamp.tmp" && mv "$stamp.tmp" "$stamp"
  done_
fi

# --- the servers that the tests harvest, in an environment of their own: their pins clash with CKAN's
install_peers() {
  peers=$home/peers lock=$here/deployment/peers/requirements.lock
  rm -rf "$peers"
  "$venv/bin/uv" venv -q --python "$venv/bin/python" "$peers" &&
    "$venv/bin/uv" pip install -q --no-deps --python "$peers/bin/python" -r "$lock" && return 0
  rm -rf "$peers"
  "$venv/bin/python" -m venv "$peers" && "$peers/bin/python" -m pip install -q --no-deps -r "$lock"
}
if [ -n "${TERRITOIRE_BROWSER:-}" ]; then
  stamp=$home/stamps/peers
  mark=$(sha256sum <"$here/deployment/peers/requirements.lock" | cut -c1-40)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$mark" ]; then
    step "serveurs géographiques pour les tests"
    # their absence stops nobody: the tests that need them are skipped, and say so
    if install_peers >>"$log" 2>&1; then
      printf '%s' "$mark" >"$stamp.tmp" && mv "$stamp.tmp" "$stamp"
      done_
    else
      rm -rf "$home/peers"
      say "  – $title : non installés, leurs tests seront passés. Journal : $log"
      title=""
    fi
  fi
fi

#!/bin/sh
# Put on this machine what the rest of the set-up needs: system packages, the Python environment,
# npm packages. Nothing is done twice. Standard tools only: it runs before anything is installed.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
home=${TERRITOIRE_HOME:-$here/.territoire}
venv=${TERRITOIRE_VENV:-$home/venv}
log=$home/logs/bootstrap.log
mkdir -p "$home/logs" "$home/stamps"

say() { printf '%s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

# --- system packages: by what they bring, so that another way to install them counts too
missing=""
need() { [ -e "$1" ] || command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need /usr/lib/postgresql/15/bin/initdb postgresql-15
need /usr/share/postgresql/15/extension/postgis.control postgresql-15-postgis-3
need redis-server redis-server
need javac openjdk-17-jdk-headless
need mvn maven
need node nodejs
need npm npm
need gcc build-essential
need pg_config libpq-dev
need python3 python3
need /usr/include/libxml2/libxml/tree.h libxml2-dev
[ "${TERRITOIRE_BROWSER:-}" = "" ] || need chromium chromium
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv python3-dev"
ls /usr/lib/*/libmagic.so.1 >/dev/null 2>&1 || missing="$missing libmagic1"

if [ -n "$missing" ]; then
  as_root=""
  if [ "$(id -u)" != 0 ]; then
    as_root="sudo"
    { sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; } || fail "Il manque des paquets du système. Demandez à un administrateur de taper :
  apt-get update && apt-get install -y$missing"
  fi
  say "  … paquets du système :$missing"
  # services of the system must not start by themselves: ours have their own ports and folders
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod +x $policy
    trap '$as_root rm -f $policy' EXIT INT TERM
  fi
  { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >>"$log" 2>&1 ||
    fail "Les paquets$missing n’ont pas pu être installés (réseau coupé ?). Journal : $log"
fi

# --- Python environment, from the lock files
stamp=$home/stamps/python
mark=$(cat "$here/deployment/requirements.lock" "$here/deployment/requirements-nodeps.lock" "$here/setup.py" "$here"/harvesters/sources/*.py 2>/dev/null | grep -v '^#' | sha256sum | cut -c1-40)$(ls "$here"/harvesters/sources | tr '\n' ' ')
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$mark" ]; then
  say "  … environnement Python"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv" || fail "L’environnement Python n’a pas pu être créé dans $venv."
  {
    # uv reads the same lock as pip, ten times faster
    "$venv/bin/python" -m pip install -q uv==0.13.9
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" -r "$here/deployment/requirements.lock"
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps -r "$here/deployment/requirements-nodeps.lock"
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation -e "$here"
    # what the build leaves beside the sources would hide the installed list of plugins
    rm -rf "$here/ckanext_territoire.egg-info"
  } >>"$log" 2>&1 || fail "Les bibliothèques Python n’ont pas pu être installées (réseau coupé ?). Journal : $log"
  printf '%s' "$mark" >"$stamp"
fi

# --- npm packages: the list of communes, fonts, map
stamp=$home/stamps/npm
mark=$(sha256sum "$here/deployment/npm/package-lock.json" | cut -c1-40)
if [ "$(cat "$stamp" 2>/dev/null)" != "$mark" ]; then
  say "  … paquets npm"
  mkdir -p "$home/npm"
  cp "$here/deployment/npm/package.json" "$here/deployment/npm/package-lock.json" "$home/npm/"
  (cd "$home/npm" && npm ci --no-audit --no-fund --ignore-scripts) >>"$log" 2>&1 ||
    fail "Les paquets npm n’ont pas pu être installés (réseau coupé ?). Journal : $log"
  printf '%s' "$mark" >"$stamp"
fi

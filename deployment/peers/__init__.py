"""Real servers of other projects that the tests harvest: they live in an environment of their own.

Their pinned packages (`requirements.lock`) clash with CKAN's; `deployment/bootstrap.sh` installs
them under `TERRITOIRE_HOME/peers` when the tests are set up, and never for the product. The modules
here run there, by path, on loopback.
"""

#!/usr/bin/env bash
# Makes sure of the tools the tests use beyond npm: the aws CLI, boto3, FastAPI, uvicorn, Chromium,
# Redis, promtool (of Prometheus) and ip, all from Debian packages. On Debian as root it installs what is
# missing; elsewhere it names what is missing and the tests that need it are skipped, visibly.
# With CI=true a missing tool is a failure.
set -euo pipefail

in_ci() { [[ "${CI:-}" == true || "${CI:-}" == 1 ]]; }

has_python_module() { [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c "import $1" 2>/dev/null; }

# One line per missing tool: the Debian package that brings it.
missing_packages() {
  [[ -x /usr/bin/aws ]] || echo awscli
  has_python_module boto3 || echo python3-boto3
  has_python_module fastapi || echo python3-fastapi
  has_python_module uvicorn || echo python3-uvicorn
  [[ -x /usr/bin/chromium ]] || echo chromium
  [[ -x /usr/bin/redis-server ]] || echo redis-server
  [[ -x /usr/bin/faketime ]] || echo faketime
  [[ -x /usr/bin/promtool ]] || echo prometheus
  command -v ip >/dev/null || echo iproute2
}

can_install() { [[ -f /etc/debian_version && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; }

# Mirrors fail now and then: three attempts, with a pause that grows.
with_retries() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    if ((attempt < 3)); then
      echo "  failed (attempt ${attempt} of 3), trying again …" >&2
      sleep $((attempt * 5))
    fi
  done
  return 1
}

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}

mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)); then
  echo "All test tools are installed."
  exit 0
fi

if can_install; then
  echo "Installing ${missing[*]} from Debian packages …"
  with_retries apt update || true
  with_retries apt install --yes --no-install-recommends "${missing[@]}" || true
  mapfile -t missing < <(missing_packages)
fi

if ((${#missing[@]} == 0)); then
  echo "All test tools are installed."
  exit 0
fi

echo "Missing test tools, by Debian package: ${missing[*]}" >&2
if in_ci; then
  echo "With CI=true every tool is required." >&2
  exit 1
fi
echo "The tests that need them will be skipped." >&2

#!/usr/bin/env bash
# Starts the FastAPI backend and the gateway in front of it; Ctrl-C stops both.
# PORT (8000) is the backend's port, GATEWAY_PORT (4080) the gateway's.
set -euo pipefail
cd "$(dirname "$0")"

port=${PORT:-8000}
gateway_port=${GATEWAY_PORT:-4080}
python=${PYTHON:-python3}

if ! "$python" -c 'import boto3, fastapi, uvicorn'; then
  echo "Install what the backend needs: $python -m pip install -r requirements.txt" >&2
  echo "(or, on Debian: apt-get install python3-boto3 python3-fastapi python3-uvicorn)" >&2
  exit 1
fi
node ../../scripts/prepare.mjs

# The file names port 8000; with another port, so must what the gateway reads.
config=postern.yaml
scratch=$(mktemp -d)
if [[ "$port" != 8000 ]]; then
  config=$scratch/postern.yaml
  sed "s/:8000/:$port/" postern.yaml >"$config"
fi

export APIGW_ENDPOINT=${APIGW_ENDPOINT:-http://127.0.0.1:$gateway_port/production}
# boto3 refuses to start without credentials; the gateway in dev accepts any.
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-local}
export AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-local}
export ADMIN_KEY=${ADMIN_KEY:-let-me-in}

stop() {
  trap - INT TERM EXIT
  kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$scratch"
}
children=()
trap 'stop; exit 0' INT TERM
trap stop EXIT

# Tokens travel in the query of /ws/connect: no place for an access log.
"$python" -m uvicorn main:app --host 127.0.0.1 --port "$port" --no-access-log &
children+=($!)
node ../../packages/gateway/bin/postern.js dev --ephemeral --port "$gateway_port" --config "$config" &
children+=($!)

# Neither is of use without the other: when one ends, so does this.
wait -n || true
echo "One of the two ended; stopping." >&2
exit 1

#!/bin/sh
# Makes what compose.yaml needs once: random secrets, folders for data, and in .env who runs it all.
# What is there already stays as it is.
set -eu
umask 077
cd "$(dirname "$0")"

random() { head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'; }
keep() { [ -s "secrets/$1" ] || printf %s "$2" >"secrets/$1"; }

mkdir -p secrets data/postgres data/objects data/ingress
keep DATABASE_PASSWORD "$(random 24)"
keep ANIMATRIX_DATABASE_URL "postgresql://animatrix:$(cat secrets/DATABASE_PASSWORD)@postgres:5432/animatrix"
keep TEMPORAL_DATABASE_PASSWORD "$(random 24)"
temporal=$(cat secrets/TEMPORAL_DATABASE_PASSWORD)
keep temporal.env "POSTGRES_PWD=$temporal
SQL_PASSWORD=$temporal
"
keep ANIMATRIX_S3_ACCESS_KEY "$(random 10)"
keep ANIMATRIX_S3_SECRET_KEY "$(random 24)"
keep ANIMATRIX_SECRET_KEY "$(random 32)"

# The containers read these files and write these folders as whoever owns them, which is not root.
user=$(id -u):$(id -g)
if [ "$(id -u)" = 0 ]; then
  user=10001:10001
  chown -R "$user" secrets data
fi
[ -f .env ] || cp .env.example .env
grep -q '^RUN_AS=' .env || printf '\n# Who owns secrets/ and data/, and runs the containers.\nRUN_AS=%s\n' "$user" >>.env

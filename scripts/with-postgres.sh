#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own, whose address is in CHANCERY_TEST_POSTGRES, and ends the server
# when the command has ended. Nothing is synced: it is for tests. Ends with 69 where PostgreSQL is not installed, else
# with the command's status.
set -euo pipefail

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
if [ ! -x "$programs/initdb" ]; then
    echo "with-postgres: PostgreSQL is not installed; try: apt-get install postgresql" >&2
    exit 69
fi

# A socket's path must be short, so the folder is not where TMPDIR may lead.
folder=$(mktemp -d /tmp/pg.XXXXXX)
server=
stop() {
    [ -z "$server" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$folder"
}
trap stop EXIT
# A signal ends this script by its trap on EXIT.
trap 'exit 130' INT TERM

# The server refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
fi
in_folder() { cd "$folder" && exec "${as[@]}" "$programs/$1" "${@:2}"; }

(in_folder initdb -U chancery -A trust --no-sync -E UTF8 --locale=C -D "$folder/data") >/dev/null
(in_folder postgres -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=1000 \
    -c fsync=off -c full_page_writes=off) >"$folder/log" 2>&1 </dev/null &
server=$!
for _ in $(seq 300); do
    ! "$programs/pg_isready" -q -h "$folder" || break
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 0.1
done

export CHANCERY_TEST_POSTGRES="postgres:///postgres?host=$folder&user=chancery"
"$@"

#!/bin/sh
# Ends what a run of tests, of the demo or of the benchmarks has left, as soon as the run has ended, in whatever way: it waits until its
# standard input ends, whose other end the run's process holds. Left may be, and is ended or removed:
#   - servers in the run's folder, and in the folders that its file "servers" lists, with their shared memory;
#   - processes that have the folder in LEOPS_RUN_FOLDER of their environment, or work in the folder;
#   - entries of the run's sandboxes in the user's list of sandboxes;
#   - the folder.
# Usage: end-run.sh FOLDER [FOLDER OF THE LIST OF SANDBOXES]

# Ctrl+C and a terminal that closes signal this shell, too; it ends after its input only.
trap '' HUP INT TERM
cd /
folder="$1"
list="${2:-}"
case "$folder" in
  /*/leops-run-*) ;;
  *) echo "Not the folder of a run: '$folder'." >&2; exit 2 ;;
esac
# What the run's own callers read from must not stay open through this shell.
exec >/dev/null 2>&1
cat

# The processes that carry the run's mark.
marked() {
  if [ -d /proc/self ]; then
    grep -lzFx "LEOPS_RUN_FOLDER=$folder" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\n'
  else
    ps axeww -o pid=,command= | grep -F "LEOPS_RUN_FOLDER=$folder" | awk '{ print $1 }'
  fi
}

# The run's folder, and the folders of servers elsewhere.
folders() {
  printf '%s\n' "$folder"
  cat "$folder/servers" 2>/dev/null
}

# The servers of these folders that live.
servers() {
  folders | while read -r place; do find "$place" -name postmaster.pid 2>/dev/null; done | while read -r file; do
    read -r id <"$file" && kill -0 "$id" 2>/dev/null && echo "$id"
  done
}

# The processes at work in these folders: servers, and what makes or starts one. Only Linux tells.
working() {
  folders | while read -r place; do
    ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -F -- "-> $place" | sed 's|.*/proc/\([0-9]*\)/cwd.*|\1|'
  done
}

signal() {
  while read -r id; do kill "-$1" "$id" 2>/dev/null; done
}

# A server that was just being started appears a moment after its starter has gone, so three looks in a row must find nothing.
quiet=0
pass=0
while [ "$quiet" -lt 3 ] && [ "$pass" -lt 100 ]; do
  pass=$((pass + 1))
  marked | signal KILL
  # An immediate shutdown, in which a server removes its shared memory; one that is killed leaves it.
  servers | signal QUIT
  if [ "$pass" -gt 50 ]; then
    working | signal KILL
  elif [ -z "$(servers)" ]; then
    working | signal TERM
  fi
  if [ -z "$(marked)$(servers)$(working)" ]; then quiet=$((quiet + 1)); else quiet=0; fi
  sleep 0.2
done

if [ -d "$list" ]; then
  for entry in "$list"/*.path; do
    [ -f "$entry" ] || continue
    case "$(cat "$entry")" in
      "$folder"/*) rm -f "$entry" ;;
    esac
  done
fi
rm -rf "$folder"

#!/usr/bin/env bash
# Finds PowerShell 7.4+ and hands over to build.ps1; where there is none, builds and tests through dotnet alone.
# Usage: ./build.sh [build|test|demo|package|bench|help|clean] [arguments]
set -euo pipefail

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)"
out="$root/out"
task="${1:-build}"
pwsh=()

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# Runs a command for at most so many seconds, where the system can bound it.
bounded() {
  local seconds="$1"
  shift
  if command -v timeout >/dev/null 2>&1; then
    timeout --kill-after=5 "$seconds" "$@"
  else
    "$@"
  fi
}

# "$@" must answer with a version of 7.4 or later.
is_good_pwsh() {
  local version
  version="$(bounded 60 "$@" -NoLogo -NoProfile -Command '$PSVersionTable.PSVersion.ToString()' 2>/dev/null </dev/null)" || return 1
  [[ "$version" =~ ^([0-9]+)\.([0-9]+)\. ]] || return 1
  (( BASH_REMATCH[1] > 7 || (BASH_REMATCH[1] == 7 && BASH_REMATCH[2] >= 4) ))
}

# The pinned tool of .config/dotnet-tools.json. A failure is remembered for a day, so that it costs its time once.
restore_pwsh_tool() {
  local remembered="$out/.no-pwsh-tool"
  command -v dotnet >/dev/null 2>&1 || return 1
  if [[ -n "$(find "$remembered" -mtime -1 2>/dev/null)" ]]; then
    return 1
  fi
  # dotnet finds the manifest upwards of the current directory.
  cd -- "$root"
  pwsh=(dotnet tool run pwsh --)
  if bounded 120 dotnet tool restore >/dev/null 2>&1 </dev/null && is_good_pwsh "${pwsh[@]}"; then
    rm -f -- "$remembered"
    return 0
  fi
  mkdir -p -- "$out"
  : >"$remembered"
  return 1
}

find_pwsh() {
  local candidate
  for candidate in "$(command -v pwsh || true)" "${HOME:-/root}/.dotnet/tools/pwsh"; do
    if [[ -x "$candidate" ]] && is_good_pwsh "$candidate"; then
      pwsh=("$candidate")
      return 0
    fi
  done
  restore_pwsh_tool
}

has_postgresql() {
  local candidate
  command -v initdb >/dev/null 2>&1 && return 0
  [[ -n "${LEOPS_POSTGRES_BIN:-}" && -x "$LEOPS_POSTGRES_BIN/initdb" ]] && return 0
  for candidate in /usr/lib/postgresql/*/bin/initdb; do
    [[ -x "$candidate" ]] && return 0
  done
  return 1
}

has_pgbouncer() { command -v pgbouncer >/dev/null 2>&1 || [[ -x /usr/sbin/pgbouncer ]]; }

# Only where it is ours to do: as root, on a system with apt.
ensure_packages() {
  local missing=() package
  for package in "$@"; do
    "has_$package" || missing+=("$package")
  done
  if (( ${#missing[@]} == 0 )) || [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null 2>&1; then
    return 0
  fi
  say "Not found: installing ${missing[*]}."
  mkdir -p -- "$out"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=1 -o Acquire::http::Timeout=30)
  : >"$out/apt.log"
  bounded 300 "${apt[@]}" update >>"$out/apt.log" 2>&1 </dev/null || true
  # One by one: a server that cannot be had keeps no other away.
  for package in "${missing[@]}"; do
    bounded 600 "${apt[@]}" install --no-install-recommends "$package" >>"$out/apt.log" 2>&1 </dev/null ||
      say "$package could not be installed (see out/apt.log); what needs it is skipped."
  done
}

need_dotnet() {
  command -v dotnet >/dev/null 2>&1 ||
    fail 'The .NET SDK (8.0 or later) was not found: install it from https://dotnet.microsoft.com/download and put dotnet on the PATH.'
}

build_alone() { dotnet build "$root/LeoPS.sln" -c Release --nologo -v quiet; }

# Prints "passed failed skipped" of a trx file, then a line for every skipped test with its reason.
read_trx() {
  awk '
    function attribute(text, name,   found) {
      found = match(text, "[ \t]" name "=\"[^\"]*\"") ? substr(text, RSTART, RLENGTH) : ""
      sub(/^[^"]*"/, "", found); sub(/"$/, "", found)
      return found
    }
    function plain(text) {
      gsub(/<[^>]*>/, " ", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text)
      gsub(/&apos;/, "\047", text); gsub(/&#x?[0-9a-fA-F]+;/, " ", text); gsub(/&amp;/, "\\&", text)
      gsub(/[ \t\r\n]+/, " ", text); sub(/^ /, "", text); sub(/ $/, "", text)
      return text
    }
    # One tag a record: what follows a tag up to the next one belongs to it.
    BEGIN { RS = "<" }
    { end = index($0, ">"); tag = substr($0, 1, end - 1); rest = substr($0, end + 1) }
    tag ~ /^Counters / {
      total = attribute(tag, "total"); executed = attribute(tag, "executed"); passed = attribute(tag, "passed"); seen = 1
    }
    tag ~ /^UnitTestResult / { skipped = attribute(tag, "outcome") == "NotExecuted"; name = attribute(tag, "testName"); if (skipped) { names[++n] = name } }
    tag ~ /^(Message|StdOut)($|[ \t])/ && skipped && !(n in reasons) { reasons[n] = rest }
    END {
      if (!seen) { exit 1 }
      print passed + 0, executed - passed, total - executed
      for (i = 1; i <= n; i++) { print "skipped: " plain(names[i]) ": " (i in reasons ? plain(reasons[i]) : "no reason given") }
    }' "$1"
}

test_alone() {
  local results="$out/test-results" summary='' skips='' passed=0 failed=0 skipped=1
  local suite name project trx code report counts p f s
  build_alone
  rm -rf -- "$results"
  mkdir -p -- "$results"
  for suite in 'xunit units|tests/units/LeoPS.Units.csproj' 'xunit postgres|tests/postgres/LeoPS.PostgresTests.csproj'; do
    name="${suite%%|*}"
    project="$root/${suite#*|}"
    trx="$results/$(basename -- "$project" .csproj).trx"
    code=0
    dotnet test "$project" -c Release --no-build --nologo -v minimal --results-directory "$results" --logger "trx;LogFileName=$(basename -- "$trx")" || code=$?
    if [[ -f "$trx" ]] && report="$(read_trx "$trx")"; then
      counts="${report%%$'\n'*}"
      read -r p f s <<<"$counts"
      [[ "$report" == *$'\n'* ]] && skips+="${report#*$'\n'}"$'\n'
      if (( code != 0 && f == 0 )); then
        f=1
        say "$name: the run broke off (exit code $code) with no failed test; it counts as one failure."
      fi
    else
      p=0 f=1 s=0
      say "$name: the run left no result (exit code $code); it counts as one failure."
    fi
    (( passed += p, failed += f, skipped += s )) || true
    summary+="$name: $p passed, $f failed, $s skipped"$'\n'
  done
  say ''
  printf '%s' "$skips"
  say 'skipped: Pester suite: no PowerShell 7.4+ found'
  printf '%s' "$summary"
  say 'Pester: 0 passed, 0 failed, 1 skipped'
  say "$passed passed, $failed failed, $skipped skipped"
  # No test at all is a broken run, not a good one.
  (( failed == 0 && passed > 0 ))
}

if find_pwsh; then
  case "$task" in
    test) ensure_packages postgresql pgbouncer ;;
    demo | bench) ensure_packages postgresql ;;
  esac
  "${pwsh[@]}" -NoLogo -NoProfile -File "$root/build.ps1" "$@"
  exit
fi

need_dotnet
case "$task" in
  build) build_alone ;;
  test)
    ensure_packages postgresql pgbouncer
    test_alone
    ;;
  demo)
    ensure_packages postgresql
    say 'No PowerShell 7.4+ was found (install it with "dotnet tool install --global PowerShell", or from https://aka.ms/powershell), so the same job is shown through the library.'
    dotnet run --project "$root/examples/dotnet" -c Release
    ;;
  bench) fail 'bench compares cmdlets and needs PowerShell 7.4+: install it with "dotnet tool install --global PowerShell", or from https://aka.ms/powershell.' ;;
  package | help | clean) fail "$task needs PowerShell 7.4+: install it with \"dotnet tool install --global PowerShell\", or from https://aka.ms/powershell." ;;
  *) fail "Unknown task '$task': build, test, demo, package, bench, help or clean." ;;
esac

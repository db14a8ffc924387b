#!/usr/bin/env bash
# Runs the LLM side against real doubles of an OpenAI-compatible server, with
# faults. Needs Node and npm; installs the doubles into a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
pids=()
cleanup() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT

npm install --prefix "$work" --silent --no-fund --no-audit --ignore-scripts \
	@copilotkit/aimock@1.43.0 @dwmkerr/mock-llm@0.1.29

free_port() {
	node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

# ready URL LOG waits until a double answers.
ready() {
	for _ in $(seq 100); do
		if curl --silent --output /dev/null --max-time 1 "$1"; then return; fi
		sleep 0.2
	done
	echo "no answer from $1" >&2
	cat "$2" >&2
	return 1
}

doubles=discover/propose/testdata/doubles
export DOUBLES_KEY=sk-doubles-0123456789abcdef

port=$(free_port)
AIMOCK_API_KEYS=$DOUBLES_KEY "$work/node_modules/.bin/llmock" --port "$port" --fixtures "$doubles/aimock.json" \
	--validate-on-load --strict --log-level warn --journal-max 0 >"$work/aimock.log" 2>&1 &
pids+=($!)
export AIMOCK_URL=http://127.0.0.1:$port

port=$(free_port)
HOST=127.0.0.1 PORT=$port "$work/node_modules/.bin/mock-llm" --config "$doubles/mock-llm.yaml" >"$work/mock-llm.log" 2>&1 &
pids+=($!)
export MOCK_LLM_URL=http://127.0.0.1:$port

ready "$AIMOCK_URL/__aimock/chaos" "$work/aimock.log"
ready "$MOCK_LLM_URL/health" "$work/mock-llm.log"

CGO_ENABLED=0 go test -count=1 -timeout 10m -tags doubles -run 'Aimock|MockLLM' "$@" ./discover/propose

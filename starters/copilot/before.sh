# Without ANTHROPIC_API_KEY: a rehearsal, with a stand-in for the provider on this machine. It writes down what it sees in data/provider.log.
if [[ -n ${ANTHROPIC_API_KEY:-} ]]; then
  export CLOUD_URL=${CLOUD_URL:-https://api.anthropic.com}
else
  export ANTHROPIC_API_KEY=rehearsal CLOUD_URL=http://127.0.0.1:8417
  .venv/bin/python rehearse.py "$CLOUD_URL" >data/provider.log &
  children+=($!) # which ./run ends
fi

"""A copilot for customer service: drafts replies in the cloud, which sees placeholders in the place of people; tickets with payment data are answered at home.

    ./run [FILE]      tickets as JSON lines: id, text
"""
import json
import pathlib
import sys

from anthropic import Anthropic

SYSTEM = "You draft replies for the customer service of a furniture shop. Three sentences at most, address the customer by name, repeat the contact data that matters."
client = Anthropic()  # its address is in ANTHROPIC_BASE_URL, which ./run sets


def draft(ticket):
    """The reply, its receipt, and the text as it leaves: placeholders belong to a conversation, so asking again gives the same ones."""
    reply = client.messages.create(model="workload/copilot", max_tokens=200, system=SYSTEM, messages=[{"role": "user", "content": ticket["text"]}],
                                   extra_headers={"Demarc-Session": ticket["id"]})
    receipt = client.get(f"/v1/receipts/{reply._request_id}", cast_to=object)
    redacted = client.post("/v1/redactions", cast_to=object, body={"input": ticket["text"], "mode": "redact", "conversation": ticket["id"]})
    return "".join(block.text for block in reply.content if block.type == "text").strip(), receipt, redacted["results"][0]


def main():
    for line in pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tickets.jsonl").read_text(encoding="utf-8").splitlines():
        ticket = json.loads(line)
        reply, receipt, redacted = draft(ticket)
        print(f"\n{ticket['id']}: {receipt['tier']}, by rule {', '.join(receipt['decision']['rules'])}")
        if receipt["tier"] == "cloud":
            hidden = [ticket["text"][found["start"]:found["end"]] for found in redacted["findings"]]
            leaked = [value for value in hidden if value in redacted["output"]]
            print(f"  what the provider saw:  {redacted['output']}")
            print(f"  what it did not see:    {', '.join(hidden) or 'nothing had to be hidden'}{'   LEAKED: ' + ', '.join(leaked) if leaked else ''}")
        print(f"  the draft:              {reply}")


if __name__ == "__main__":
    main()

"""Sorts a folder of mails into labels, with a classifier trained on your own examples; what it is not sure of goes to a person.

    ./run [FOLDER]      writes triage.csv
"""
import csv
import email
import email.policy
import os
import pathlib
import sys

from mistralai.client import Mistral

SURE = 0.8  # below, a person decides; `demarc classify train --report` shows what each threshold costs


def text_of(path):
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    return f"{mail['subject'] or ''}\n{body.get_content() if body else ''}".strip()


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "inbox")
    mails = sorted(folder.glob("*.eml"))
    client = Mistral(api_key="unused-on-loopback", server_url=os.environ["DEMARC_ADDRESS"])
    answer = client.classifiers.classify(model="workload/support-mail", inputs=[text_of(mail) for mail in mails])
    with open("triage.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["mail", "label", "confidence"])
        for mail, result in zip(mails, answer.results, strict=True):
            label, confidence = max(result["label"].scores.items(), key=lambda score: score[1])
            label = label if confidence >= SURE else "a person"
            table.writerow([mail.name, label, f"{confidence:.2f}"])
            print(f"{label:<10} {confidence:.2f}  {mail.name}")


if __name__ == "__main__":
    main()

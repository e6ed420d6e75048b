"""Checks an exported journal with none of the project's code: python verify_journal.py FILE PLATFORM_PUBLIC_KEY."""

import base64
import hashlib
import json
import sys
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(value):
    # RFC 8785 for what entries hold: ASCII keys, strings, integers, booleans, null; no floats.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_signature(document, signature, public):
    raw = base64.urlsafe_b64decode(public + "=" * (-len(public) % 4))
    Ed25519PublicKey.from_public_bytes(raw).verify(base64.urlsafe_b64decode(signature + "=="), canonical(document))


def check_entry(item, keys):
    entry = item["entry"]
    key = keys[entry["key"]]
    assert key["tenant"] == entry["home"], "signed with a key of somebody else"
    assert (key["valid_from"] or "") <= entry["occurred_at"] < (key["valid_until"] or "9"), "key not valid then"
    check_signature(entry, item["signature"], key["public"])
    assert hashlib.sha256(canonical(item["state"])).hexdigest() == entry["state_hash"], "the state was changed"
    assert entry["nonce"] or not entry["joined"], "whoever joined is owed the nonce"
    if entry["nonce"]:
        assert str(uuid.uuid5(uuid.UUID(entry["home"]), entry["nonce"])) == entry["aggregate"], "not this home's id"
    return hashlib.sha256(canonical(entry)).hexdigest()


def main(path, platform_key):
    document = json.loads(open(path, encoding="utf-8").read())
    name = hashlib.sha256(base64.urlsafe_b64decode(platform_key + "=")).hexdigest()[:16]
    keys = {name: {"tenant": document["platform"], "public": platform_key, "valid_from": None, "valid_until": None}}
    for item in document["directory"]:
        check_entry(item, keys)
        keys.update({key["key"]: {**key, "tenant": item["entry"]["aggregate"]} for key in item["state"]["keys"]})
    for journal in document["journals"]:
        previous, version = None, None
        for item in journal["entries"]:
            entry = item["entry"]
            assert version in (None, entry["version"] - 1), f"gap before version {entry['version']}"
            assert previous in (None, entry["previous"]), f"version {entry['version']} does not follow"
            if command := entry["command"]:
                key = keys[command["document"]["key"]]
                assert key["tenant"] == command["document"]["from"] == entry["actor"]["tenant"], "command of another"
                check_signature(command["document"], command["signature"], key["public"])
            previous, version = check_entry(item, keys), entry["version"]
        for name, text in journal["texts"].items():
            assert "sha256:" + hashlib.sha256(f"{text['salt']}\n{text['text']}".encode()).hexdigest() == name, "text"
        print(f"proven {journal['aggregate']} {len(journal['entries'])} entries, head {previous}")


try:
    main(*sys.argv[1:3])
except Exception as flaw:
    sys.exit(f"NOT PROVEN: {type(flaw).__name__} {flaw}")

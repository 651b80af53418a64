#!/usr/bin/env python3
"""Writes src/ledger/prices.yaml, the built-in price book, from two community files that anyone can fetch.

    tools/import_prices.py --genai data.json --genai-date 2026-08-21 --litellm litellm.jsonl --litellm-date 2026-08-01 > src/ledger/prices.yaml

genai-prices (MIT, Pydantic): https://github.com/pydantic/genai-prices, prices/new_data/v2/data.json. All token prices come from it.
LiteLLM (MIT, Berri AI): https://github.com/BerriAI/litellm, model_prices_and_context_window.json, or its entries one a line with a field `model`.
Only for what the first does not have: price per second of audio, and whether a provider's own batch service takes half.

Left out: names for which the two differ (said on stderr), models whose use demarc does not count in full (audio or images out), prices that change with the hour, deprecated models.
"""
import argparse
import json
import re
import sys
from decimal import Decimal

# Our name of a provider, its hosts, and which of its models people use today (full match on genai-prices' model id).
PROVIDERS = {
    "openai": ("openai", ["api.openai.com"],
               r"gpt-(4o|4o-mini|4\.1|4\.1-mini|4\.1-nano|4-turbo|3\.5-turbo|5|5-mini|5-nano|5-pro|5\.\d(-(?!image)\w+)*)|o1|o3|o3-mini|o3-pro|o4-mini|"
               r"gpt-4o(-mini)?-transcribe|text-embedding-.*"),
    "anthropic": ("anthropic", ["api.anthropic.com"], r"claude-(3-haiku|3-5-haiku-latest|3-5-sonnet|3-7-sonnet-latest|(opus|sonnet|haiku|fable)-.*)"),
    "google": ("gemini", ["generativelanguage.googleapis.com", "aiplatform.googleapis.com"], r"gemini-([2-9]|embedding).*|text-embedding-.*"),
    "mistral": ("mistral", ["api.mistral.ai"], r".*"),
    "deepseek": ("deepseek", ["api.deepseek.com"], r"deepseek-.*"),
    "x-ai": ("xai", ["api.x.ai"], r"grok-([3-9]|build|code).*"),
    "cohere": ("cohere", ["api.cohere.com", "api.cohere.ai"], r"command-[ar].*|embed.*|rerank.*"),
    "groq": ("groq", ["api.groq.com"], r".*(llama|gpt-oss|qwen|kimi).*"),
}
CLASSES = {"input_mtok": "input", "cache_read_mtok": "cached_input", "cache_write_mtok": "cache_write_5m", "cache_write_5m_mtok": "cache_write_5m",
           "cache_write_1h_mtok": "cache_write_1h", "output_mtok": "output", "output_reasoning_mtok": "reasoning", "input_audio_mtok": "input_audio"}
# Bought apart from the answer's tokens, and not by what demarc sends on its own.
IGNORED = {"web_searches_kcount", "input_image_mtok", "cache_image_read_mtok", "cache_audio_read_mtok", "input_video_mtok", "output_citation_mtok"}
LITELLM = "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"
PER_UNIT = {
    ("cohere", "rerank"): ("cohere", "input_cost_per_query", "per_request"),
    ("bedrock", "rerank"): ("bedrock", "input_cost_per_query", "per_request"),
    ("azure_ai", "rerank"): ("azure", "input_cost_per_query", "per_request"),
    ("azure_ai", "ocr"): ("azure", "ocr_cost_per_page", "page"),
    ("mistral", "ocr"): ("mistral", "ocr_cost_per_page", "page"),
    ("openai", "image_generation"): ("openai", "input_cost_per_image", "image"),
    ("gemini", "image_generation"): ("gemini", "output_cost_per_image", "image"),
}
UNCOUNTED = {"output_audio_mtok", "output_image_mtok", "output_video_mtok", "requests_kcount"}


def decimal(number):
    text = format(Decimal(str(number)).normalize(), "f")
    assert re.fullmatch(r"\d+(\.\d{1,12})?", text), text
    return text


def patterns(match):
    """genai-prices' clauses as names with stars; None where they say more than that."""
    (kind, value), = match.items()
    if kind == "or":
        parts = [patterns(clause) for clause in value]
        return None if None in parts else sorted({name for part in parts for name in part})
    dated = re.fullmatch(r"\^([\w.\\-]+)-\\d\{4\}-\\d\{2\}-\\d\{2\}\$", value) if kind == "regex" else None
    if dated:
        return [dated.group(1).replace("\\", "") + "-20*"]
    return {"equals": [value], "starts_with": [value + "*"], "ends_with": ["*" + value], "contains": ["*" + value + "*"]}.get(kind)


def rates(prices):
    """(rates, tiers) or None if one of the prices cannot be said in our classes."""
    base, tiers = {}, {}
    for field, price in prices.items():
        if field in IGNORED:
            continue
        if field in UNCOUNTED or field not in CLASSES:
            return None
        name = CLASSES[field]
        if isinstance(price, dict):
            base[name] = decimal(price["base"])
            for tier in price["tiers"]:
                tiers.setdefault(tier["start"], {})[name] = decimal(tier["price"])
        else:
            base[name] = decimal(price)
    return (base, sorted(tiers.items())) if base else None


def dated_prices(prices):
    """[(valid_from or None, prices)], or None if one holds only at certain hours."""
    if isinstance(prices, dict):
        return [(None, prices)]
    out = []
    for entry in prices:
        constraint = entry.get("constraint") or {}
        if set(constraint) - {"start_date", "type"}:
            return None
        out.append((constraint.get("start_date"), entry["prices"]))
    return out


def flow(values):
    return "{" + ", ".join(f'{key}: "{value}"' for key, value in values.items()) + "}"


def write(provider, models, base, tiers, valid_from, batch, source, date):
    lines = [f"  - provider: {provider}", f"    models: [{', '.join(json.dumps(name) for name in models)}]"]
    if valid_from:
        lines.append(f"    valid_from: {valid_from}")
    lines.append(f"    usd_per_million: {flow(base)}")
    if tiers:
        lines.append("    tiers:")
        lines += [f"      - {{above_input_tokens: {start}, {flow(stated)[1:-1]}}}" for start, stated in tiers]
    if batch:
        lines.append(f"    batch_percent: {batch}")
    lines += [f"    source: {source}", f"    date: {date}"]
    print("\n".join(lines))


def contradicted(entry, base):
    """Whether LiteLLM names another price for this very name: then neither is taken."""
    pairs = [("input_cost_per_token", "input"), ("output_cost_per_token", "output")]
    return any(entry.get(theirs) is not None and ours in base and Decimal(str(entry[theirs])) * 1000000 != Decimal(base[ours])
               for theirs, ours in pairs)


def halves(entry):
    price, batch = entry.get("input_cost_per_token"), entry.get("input_cost_per_token_batches")
    return bool(price) and batch is not None and Decimal(str(batch)) * 2 == Decimal(str(price))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--genai", "--genai-date", "--litellm", "--litellm-date"):
        options.add_argument(name, required=True)
    options = options.parse_args()
    with open(options.genai, encoding="utf-8") as file:
        providers = {provider["id"]: provider for provider in json.load(file)}
    with open(options.litellm, encoding="utf-8") as file:
        litellm = {entry["model"]: entry for entry in map(json.loads, file)}

    print(f"""# The built-in price book. Written by tools/import_prices.py; do not edit, put your own prices into a file of your own (`prices:` of demarc.yaml).
# Facts read from two MIT-licensed collections, each of which reads the providers' own price pages:
#   genai-prices, Copyright (c) Pydantic Services Inc. 2025 to present, as of {options.genai_date}: token prices; `source` is the page that it names
#   LiteLLM, Copyright (c) 2023 Berri AI, as of {options.litellm_date}: prices per second of audio, and which batch services take half
# Prices change: the date says when each was last true for its collection.
version: 1
currency: USD
hosts:""")
    for ours, hosts, _ in PROVIDERS.values():
        for host in hosts:
            print(f"  {host}: {ours}")
    print("prices:")
    count = 0
    for theirs, (ours, _, wanted) in PROVIDERS.items():
        provider = providers[theirs]
        source = provider["pricing_urls"][0]
        for model in provider["models"]:
            names, dated = patterns(model["match"]), dated_prices(model["prices"])
            if not re.fullmatch(wanted, model["id"]) or model.get("deprecated") or not names or not dated:
                continue
            read = [(valid_from, rates(prices)) for valid_from, prices in dated]
            if any(pair is None for _, pair in read):
                continue
            if len(read) == 1:
                clash = [name for name in names if contradicted(litellm.get(name, {}), read[0][1][0])]
                for name in clash:
                    print(f"left out, the two collections differ: {name}", file=sys.stderr)
                names = [name for name in names if name not in clash]
                if not names:
                    continue
            batch = 50 if halves(litellm.get(model["id"], {})) or theirs == "anthropic" and halves(litellm.get(names[0].rstrip("*"), {})) else None
            for valid_from, (base, tiers) in read:
                write(ours, names, base, tiers, valid_from, batch, source, options.genai_date)
                count += 1
    for name, entry in litellm.items():
        if entry.get("provider") in ("openai", "groq") and entry.get("mode") == "audio_transcription" and entry.get("input_cost_per_second") and "realtime" not in name:
            per_minute = Decimal(str(entry["input_cost_per_second"])) * 60
            ours = entry["provider"]
            source = providers[ours]["pricing_urls"][0]
            exact = per_minute.quantize(Decimal("1e-12"))
            write(ours, [name.split("/")[-1]], {"audio_minute": decimal(exact)}, [], None, None, source, options.litellm_date)
            count += 1
    # What is priced by something else than tokens or audio, and not by the collection of tokens.
    for name, entry in litellm.items():
        ours, field, unit = PER_UNIT.get((entry.get("provider"), entry.get("mode")), (None, None, None))
        if ours and entry.get(field) and (unit != "image" or re.fullmatch(r"dall-e-\d|imagen-.*", name.split("/")[-1])):  # others bill tokens as well
            listed = [theirs for theirs, (name_here, _, _) in PROVIDERS.items() if name_here == ours]
            page = entry.get("source") or (providers[listed[0]]["pricing_urls"][0] if listed else LITELLM)
            write(ours, [name.split("/")[-1]], {unit: decimal(Decimal(str(entry[field])))}, [], None, None, page, options.litellm_date)
            count += 1
    print(f"{count} prices", file=sys.stderr)


if __name__ == "__main__":
    main()

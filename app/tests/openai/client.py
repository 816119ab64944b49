"""Speaks to a server through OpenAI's own client, and leaves what it hears in a folder.

    client.py BASE_URL KEY FOLDER
"""

import json
import pathlib
import sys

import openai

base, key, folder = sys.argv[1:]
folder = pathlib.Path(folder)
client = openai.OpenAI(base_url=base, api_key=key, max_retries=0, timeout=60)
text = "Mañana no habrá agua de ocho a dos. Se recomienda guardar la necesaria.\nGracias por su atención."
told = {}

for form in ["wav", "opus", "flac", "pcm"]:
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input=text, response_format=form)
    (folder / form).write_bytes(speech.content)
    told[form] = speech.response.headers["content-type"]

# As most programs ask: without a word about the format, and in pieces as they come.
with client.audio.speech.with_streaming_response.create(
    model="gpt-4o-mini-tts", voice="espeak:es-419", input=text, speed=1.25, instructions="Cheerfully."
) as speech:
    pieces = list(speech.iter_bytes())
    (folder / "usual").write_bytes(b"".join(pieces))
    told["usual"] = speech.headers["content-type"]

told["models"] = [model.id for model in client.models.list()]
told["voices"] = [voice["id"] for voice in client.get("/audio/voices", cast_to=object)["voices"]]

for name, more in {
    "aac": {"response_format": "aac"},
    "voice": {"voice": "nobody"},
    "long": {"input": "a" * 4_097},
}.items():
    try:
        client.audio.speech.create(**({"model": "tts-1", "voice": "alloy", "input": text} | more))
    except openai.BadRequestError as error:
        told[name] = [error.param, error.type, error.body["message"]]

try:
    openai.OpenAI(base_url=base, api_key="no key", max_retries=0).models.list()
except openai.AuthenticationError as error:
    told["stranger"] = error.type

print(json.dumps(told))

// The audio feed with the official client. Needs a running `pregon serve` with the keys of listener.mjs, and:
// PREGON_API=http://127.0.0.1:5000 PREGON_AUDIO=/its/audio/folder ASF_CHUNK_SIZE=… node --test feed.mjs
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFile, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { after, test } from "node:test";

import { KEYS, Listener, TRANSPORTS, audio, call, order, soon } from "./listener.mjs";

const folder = process.env.PREGON_AUDIO;
const size = Number(process.env.ASF_CHUNK_SIZE);
const listeners = [];
const listener = (options) => {
  listeners.push(new Listener(options));
  return listeners.at(-1);
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const same = (found, expected) => assert.ok(expected.equals(found), `${found.length} of ${expected.length} bytes, or others`);

after(() => listeners.forEach((each) => each.close()));

/** Announces a file to the feed. */
const announce = (id, path, key) =>
  call("POST", "/asf/internal/notify_new_audio", { body: { stream_id: id, filepath: path }, key });

/** A file of `bytes` in the audio folder, announced. One that was written long ago is known to be whole. */
const publish = async (id, bytes, written = new Date(0)) => {
  await writeFile(`${folder}/${id}.mp3`, bytes);
  await utimes(`${folder}/${id}.mp3`, written, written);
  const answer = await announce(id, `${folder}/${id}.mp3`);
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal((await answer.json()).stream_id, id);
};

for (const transports of TRANSPORTS) {
  test(`a stream has the bytes of GET /jobs/{id}/audio, by ${transports.join(", then ")}`, async () => {
    const id = await order("Su cita es mañana a las nueve de la mañana, en la sede de la calle quinta.");
    const expected = await audio(id);
    const ear = listener({ transports });
    same(await ear.hear(id), expected);
    assert.deepEqual(ear.statuses, ["joined"]);
    assert.deepEqual(ear.controls.map((control) => [control.event, control.stream_id]),
      [["start_of_stream", id], ["end_of_stream", id]]);
    assert.equal(ear.controls[1].bytes, expected.length);
    assert.ok(Math.abs(ear.controls[0].timestamp - Date.now() / 1000) < 60);
    assert.ok(ear.chunks.length > 1 && ear.chunks.slice(0, -1).every((chunk) => chunk.length === size));
  });

  test(`a long stream is not torn, by ${transports.join(", then ")}`, async () => {
    const id = `strm_long_${transports.join("_")}`;
    const expected = randomBytes(6_000_001);
    await publish(id, expected);
    const ear = listener({ transports });
    same(await ear.hear(id), expected);
    assert.equal(ear.socket.io.engine.transport.name, transports.at(-1));
  });
}

test("who joins before there is audio hears it when it is there", async () => {
  const due = new Date(Date.now() + 2_000).toISOString();
  const id = await order(`Este mensaje se prepara más tarde, ${Date.now()}`, { not_before: due });
  const ears = TRANSPORTS.map((transports) => listener({ transports }).join(id));
  await Promise.all(ears.map((ear) => soon(ear.waits, "stream_status waiting")));
  assert.equal((await call("GET", `/jobs/${id}/audio`)).status, 404);
  await Promise.all(ears.map((ear) => ear.whole()));
  const expected = await audio(id);
  for (const ear of ears) {
    same(ear.bytes, expected);
    assert.deepEqual(ear.statuses, ["joined", "waiting"]);
  }
});

test("many listeners hear the same, each from the beginning", async () => {
  const expected = randomBytes(500_000);
  await publish("strm_many", expected);
  const heard = await Promise.all(Array.from({ length: 30 }, async (_, n) => {
    await pause(n * 10);
    return listener({ transports: TRANSPORTS[n % 3] }).hear("strm_many");
  }));
  heard.forEach((bytes) => same(bytes, expected));
});

test("a listener that stops listening for a while misses nothing", async () => {
  const expected = randomBytes(12_000_000);
  await publish("strm_slow", expected);
  const ear = listener().join("strm_slow");
  await soon(ear.begun, "audio_chunk");
  const wire = ear.socket.io.engine.transport.ws._socket;
  wire.pause();
  await pause(2_000);
  const meanwhile = ear.bytes.length;
  assert.ok(meanwhile < expected.length, "it was over before it could stop");
  wire.resume();
  await ear.whole();
  same(ear.bytes, expected);
});

test("a file that grows is followed to its end", async () => {
  const pieces = Array.from({ length: 6 }, () => randomBytes(30_000));
  await publish("strm_growing", pieces[0], new Date());
  const ear = listener().join("strm_growing");
  await soon(ear.begun, "audio_chunk");
  for (const piece of pieces.slice(1)) {
    await pause(250);
    await appendFile(`${folder}/strm_growing.mp3`, piece);
  }
  await ear.whole();
  same(ear.bytes, Buffer.concat(pieces));
});

test("a stream that is not there, or somebody else's, is an error", async () => {
  const id = await order("Un mensaje de otro cliente");
  await audio(id);
  for (const [stream, key] of [["strm_unknown", KEYS.crm], [id, KEYS.shop], ["../../../etc/passwd", KEYS.ana]]) {
    const ear = listener({ key }).join(stream);
    const error = await soon(ear.failed, "stream_error");
    assert.deepEqual([error.code, error.stream_id, typeof error.message], ["unknown_stream", stream, "string"]);
    assert.equal(ear.chunks.length, 0);
  }
  const nameless = listener();
  nameless.socket.emit("join_stream", {});
  assert.equal((await soon(nameless.failed, "stream_error")).code, "invalid");
});

test("a connection needs a key, wherever it comes from", async () => {
  for (const transports of TRANSPORTS) {
    for (const key of [null, "secret-wrong"]) {
      const ear = listener({ transports, key });
      assert.match((await soon(ear.refused, "connect_error")).message, /key/);
    }
    for (const options of [
      { extraHeaders: { authorization: `Bearer ${KEYS.crm}` } },
      { extraHeaders: { "x-api-key": KEYS.crm } },
      { query: { token: KEYS.crm } },
    ]) {
      await soon(listener({ transports, key: null, ...options }).acknowledged, "connection_ack");
    }
  }
});

test("only files of the audio folder can be announced", async () => {
  await mkdir(`${folder}/../beside`, { recursive: true });
  await writeFile(`${folder}/../beside/secret.mp3`, "secret");
  await symlink(`${folder}/../beside`, `${folder}/out`);
  await symlink("/etc/passwd", `${folder}/passwd.mp3`);
  for (const path of [
    "../beside/secret.mp3", `${folder}/../beside/secret.mp3`, "out/secret.mp3", "passwd.mp3", "/etc/passwd",
    "/proc/self/environ", `${folder}/../pregon.db`, "none.mp3", "%2e%2e/beside/secret.mp3", "a\0.mp3", "", ".",
  ]) {
    const answer = await announce("strm_hostile", path);
    assert.equal(answer.status, 422, path);
    assert.deepEqual((await answer.json()).errors.map((error) => error.field), ["filepath"]);
  }
  assert.equal((await announce("strm_hostile", "passwd.mp3", "secret-wrong")).status, 401);
  assert.equal((await soon(listener().join("strm_hostile").failed, "stream_error")).code, "unknown_stream");
});

test("nobody is counted who has left", async () => {
  listeners.forEach((each) => each.close());
  const count = async () => /^feed_listeners (\d+)$/m.exec(await (await call("GET", "/metrics")).text())[1];
  for (const until = Date.now() + 10_000; await count() !== "0";) {
    assert.ok(Date.now() < until, `${await count()} listeners are still counted`);
    await pause(100);
  }
});

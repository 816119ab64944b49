// A listener of the audio feed, on the official client, and the API beside it.
import { io } from "socket.io-client";

export const api = process.env.PREGON_API;
export const KEYS = { ana: "secret-ana", crm: "secret-crm", shop: "secret-shop" };
/** The ways in which a connection may come about; the last one begins by polling and becomes a WebSocket. */
export const TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]];
const PATIENCE = 30_000;

/** A promise that is not waited for endlessly. */
export const soon = (promise, what) => {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`no ${what}`)), PATIENCE); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

export const call = async (method, path, { body, key = KEYS.crm } = {}) => fetch(api + path, {
  method,
  headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
  body: body && JSON.stringify(body),
});

/** A job of the client `crm`, with a text of its own; `extra` goes into the request. */
export const order = async (text, extra = {}) => {
  const answer = await call("POST", "/tts/call", { body: { text, phone_number: "3005050149", ...extra } });
  if (answer.status !== 202) throw new Error(`the API answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).job_id;
};

/** The bytes of a job's audio, as soon as there are any. */
export const audio = async (id) => {
  for (const until = Date.now() + PATIENCE; Date.now() < until;) {
    const answer = await call("GET", `/jobs/${id}/audio`);
    if (answer.status === 200) return Buffer.from(await answer.arrayBuffer());
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`job ${id} has no audio`);
};

export class Listener {
  chunks = [];
  statuses = [];
  controls = [];

  constructor({ transports = ["websocket"], key = KEYS.crm, ...options } = {}) {
    const auth = key && { token: key };
    this.socket = io(`${api}/api/v1/podcasts/stream`, { transports, auth, forceNew: true, reconnection: false, ...options });
    this.acknowledged = new Promise((done) => this.socket.once("connection_ack", done));
    this.refused = new Promise((done) => this.socket.once("connect_error", done));
    this.failed = new Promise((done) => this.socket.once("stream_error", done));
    this.ended = new Promise((done) => {
      this.socket.on("audio_control", (control) => {
        this.controls.push(control);
        if (control.event === "end_of_stream") done();
      });
    });
    this.waits = new Promise((done) => {
      this.socket.on("stream_status", (status) => {
        this.statuses.push(status.status);
        if (status.status === "waiting") done();
      });
    });
    this.begun = new Promise((done) => {
      this.socket.on("audio_chunk", (chunk) => {
        this.chunks.push(chunk);
        done();
      });
    });
  }

  join(id) {
    this.socket.emit("join_stream", { stream_id: id });
    return this;
  }

  get bytes() {
    return Buffer.concat(this.chunks);
  }

  /** Joins, and returns all bytes when the stream has ended. */
  async hear(id) {
    await soon(this.acknowledged, "connection_ack");
    this.join(id);
    await this.whole();
    return this.bytes;
  }

  /** Waits for the end of the stream. */
  async whole() {
    const failed = this.failed.then((error) => { throw new Error(`${error.code}: ${error.message}`); });
    await soon(Promise.race([this.ended, failed]), "end_of_stream");
  }

  close() {
    this.socket.disconnect();
  }
}

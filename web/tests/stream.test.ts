import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FrameStream, type StreamListener } from "../src/api/stream";
import type { Ending } from "../src/api/stream-ending";

/** A connection on which the test says what the gateway says; it never closes by itself. */
class FakeSocket {
  static readonly OPEN = 1;
  static readonly CONNECTING = 0;
  readyState = FakeSocket.CONNECTING;
  closed = false;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;

  constructor() {
    socket = this;
  }
  send() {}
  close() {
    this.closed = true;
  }
  open() {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }
  say(message: unknown) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

let socket: FakeSocket;
let endings: Ending[];
const jpeg = new Blob(["a frame"]);
const result = (frame: number) => ({ type: "result", frame, dropped_frames: 0, faces: [] });
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

function connect(): FrameStream {
  const listener = { ended: (ending: Ending) => endings.push(ending) };
  const heard = { ready: vi.fn(), result: vi.fn(), refused: vi.fn(), ...listener };
  return new FrameStream({ model: "any", session: "" }, heard as StreamListener);
}

function connectReady(): FrameStream {
  const stream = connect();
  socket.open();
  socket.say({ type: "ready", labels: [], credit: 2, model: { name: "any" } });
  return stream;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { href: "http://mien.test/" });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("nobody")));
  endings = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const lost = { error: expect.objectContaining({ code: "unreachable" }), again: true };

test.each(["connection", "greeting", "answer"])("no %s in time counts as lost", async (what) => {
  if (what === "answer") {
    connectReady().send(jpeg, 0);
  } else {
    connect();
    if (what === "greeting") {
      socket.open();
    }
  }
  await seconds(10);
  expect(endings).toEqual([]);
  await seconds(20);
  expect(endings).toEqual([lost]);
  expect(socket.closed).toBe(true);
  socket.onclose({ code: 1006, reason: "" }); // the browser notices at last
  await seconds(60);
  expect(endings).toHaveLength(1);
});

test("slow answers that do come are waited for", async () => {
  const stream = connectReady();
  for (let frame = 1; frame <= 10; frame += 1) {
    stream.send(jpeg, 0);
    await seconds(10);
    socket.say(result(frame));
  }
  stream.send(jpeg, 0);
  stream.send(jpeg, 0);
  await seconds(10);
  socket.say(result(11));
  await seconds(10);
  expect(endings).toEqual([]);
  await seconds(20); // the twelfth is still owed
  expect(endings).toEqual([lost]);
});

test("where nothing is owed, silence means nothing", async () => {
  const stream = connectReady();
  await seconds(3600);
  stream.send(jpeg, 0);
  socket.say(result(1));
  await seconds(3600);
  stream.send(jpeg, 0);
  stream.stop();
  await seconds(3600);
  expect(endings).toEqual([]);
});

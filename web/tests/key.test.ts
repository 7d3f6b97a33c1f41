import { expect, test } from "vitest";
import { apiKey, keyProtocols } from "../src/api/key";

test.each([
  ["", ["mien.v1"]],
  ["mien_a-Key", ["mien.v1", "mien.key.mien_a-Key"]],
  ["two words", ["mien.v1"]],
  ["a/b=", ["mien.v1"]],
  ["ключ", ["mien.v1"]],
])("the key %j opens a stream or is left out", (key, protocols) => {
  apiKey.value = key;
  expect(keyProtocols()).toEqual(protocols);
  new WebSocket("ws://127.0.0.1:1", keyProtocols()).close(); // it throws at what is no name
});

/** What was found in each picture: a few are asked for at a time, and given up when unwanted. */

import { effect, signal, untracked } from "@preact/signals";
import { analyze } from "../api/calls";
import { apiKey } from "../api/key";
import type { Analysis } from "../api/schema";
import { chosenModel } from "./models";
import { chosenPicture, type Picture, pictures } from "./pictures";
import { untilAnswered } from "./retrying";
import { send } from "./sendable";

const AT_A_TIME = 3;

/** How far one picture is. The last answer stays while another model is asked. */
export interface Analysed {
  /** `away`: it is asked again by itself once the servers are back. */
  readonly state: "waiting" | "analysing" | "away" | "failed" | "done";
  readonly analysis: Analysis | null;
  readonly error: unknown;
  /** From sending to answer, as this page saw it. */
  readonly roundTripMs: number | null;
}

const WAITING: Analysed = { state: "waiting", analysis: null, error: null, roundTripMs: null };

const results = signal<ReadonlyMap<number, Analysed>>(new Map());
const askedWith = new Map<number, string>();
const underWay = new Map<number, AbortController>();

/** How far a picture is. */
export function analysisOf(picture: Picture): Analysed {
  return results.value.get(picture.id) ?? WAITING;
}

/** Ask for one again, after a failure. */
export function analyseAgain(picture: Picture): void {
  giveUp(picture.id);
  settle();
}

/** Analyse whatever pictures there are, until the returned function is called. */
export function keepAnalysing(): () => void {
  const end = effect(() => {
    // What the work hangs on; read here so that each change comes back.
    void [pictures.value, chosenPicture.value, chosenModel.value, apiKey.value];
    untracked(settle);
  });
  return () => {
    end();
    for (const id of [...underWay.keys()]) {
      giveUp(id);
    }
  };
}

function settle(): void {
  const model = chosenModel.peek()?.name;
  if (model === undefined) {
    return;
  }
  const question = `${model} ${apiKey.peek()}`;
  const wanted = new Set(pictures.peek().map((picture) => picture.id));
  for (const [id, asked] of [...askedWith]) {
    if (!wanted.has(id) || asked !== question) {
      giveUp(id);
    }
  }
  forgetAllBut(wanted);
  const first = chosenPicture.peek();
  const order = first ? [first, ...pictures.peek()] : pictures.peek();
  for (const picture of order) {
    if (underWay.size >= AT_A_TIME) {
      return;
    }
    if (!askedWith.has(picture.id)) {
      askedWith.set(picture.id, question);
      void analyse(picture, model);
    }
  }
}

async function analyse(picture: Picture, model: string): Promise<void> {
  const aborting = new AbortController();
  const { signal: aborted } = aborting;
  underWay.set(picture.id, aborting);
  let started = 0;
  const once = () => {
    note(picture.id, { state: "analysing" });
    return send(picture, (body) => {
      started = performance.now();
      return analyze(body, model, aborted);
    });
  };
  try {
    const onWait = (error: unknown) => note(picture.id, { state: "away", error });
    const analysis = await untilAnswered(once, { model, signal: aborted, onWait });
    aborted.throwIfAborted();
    const roundTripMs = performance.now() - started;
    note(picture.id, { state: "done", analysis, roundTripMs, error: null });
  } catch (error) {
    if (aborted.aborted) {
      return;
    }
    note(picture.id, { state: "failed", error, analysis: null });
  }
  underWay.delete(picture.id);
  settle();
}

function giveUp(id: number): void {
  underWay.get(id)?.abort();
  underWay.delete(id);
  askedWith.delete(id);
  if (results.peek().has(id)) {
    note(id, { state: "waiting" });
  }
}

function note(id: number, news: Partial<Analysed>): void {
  const before = results.peek().get(id) ?? WAITING;
  results.value = new Map(results.peek()).set(id, { ...before, ...news });
}

function forgetAllBut(wanted: ReadonlySet<number>): void {
  const kept = [...results.peek()].filter(([id]) => wanted.has(id));
  if (kept.length < results.peek().size) {
    results.value = new Map(kept);
  }
}

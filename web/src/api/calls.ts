/** The gateway's calls that the page makes, each with its types. */

import { askJson, askWhole } from "./ask";
import type { Analysis, Comparison, Explanation, ModelList, Readiness } from "./schema";

const query = (options: Record<string, string>) => new URLSearchParams(options).toString();

/** The faces of one picture. */
export const analyze = (picture: Blob, model: string, signal?: AbortSignal) =>
  askJson<Analysis>(`/v1/analyze?${query({ model })}`, post(picture, signal));

/** The same faces through both twins of a model. */
export const compare = (picture: Blob, model: string, signal?: AbortSignal) =>
  askJson<Comparison>(`/v1/compare?${query({ model })}`, post(picture, signal));

/** Where in each face the model found a label; the most probable one where it is empty. */
export const explain = (picture: Blob, model: string, label: string, signal?: AbortSignal) =>
  askJson<Explanation>(
    `/v1/explain?${query(label ? { model, label } : { model })}`,
    post(picture, signal),
  );

/** The picture with boxes, labels and bars drawn, as JPEG. */
export const annotated = (picture: Blob, model: string, signal?: AbortSignal) =>
  askWhole(
    `/v1/analyze/annotated?${query({ model, format: "jpeg" })}`,
    (response) => response.blob(),
    post(picture, signal),
  );

/** Every model that can be asked for. */
export const listModels = () => askJson<ModelList>("/v1/models");

/** A model's card, in Markdown. */
export const modelCard = (name: string) =>
  askWhole(`/v1/models/${encodeURIComponent(name)}/card`, (response) => response.text());

/** How each part is; 503 is an answer too. */
export async function readiness(): Promise<Readiness> {
  const response = await fetch("/readyz", {
    cache: "no-store",
    signal: AbortSignal.timeout(5000),
  });
  return (await response.json()) as Readiness;
}

function post(picture: Blob, signal?: AbortSignal) {
  return { method: "POST" as const, body: picture, ...(signal ? { signal } : {}) };
}

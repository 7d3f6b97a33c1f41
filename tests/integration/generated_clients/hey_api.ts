// Calls the gateway through the client that @hey-api/openapi-ts made of its description.
// It has JSON alone where a body may be JSON, and the bytes of a video.

import { openAsBlob, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import {
  type Analysis,
  analyze,
  analyzeBatch,
  createVideo,
  getModel,
  getVideo,
  getVideoResults,
  listModels,
  type Problem,
} from "./mien_api";
import { client } from "./mien_api/client.gen";

const [url, folder, refused, model] = process.argv.slice(2) as [string, string, string, string];
client.setConfig({ baseUrl: url });

const base64 = (name: string): string => readFileSync(`${folder}/${name}`).toString("base64");
const labels = (analysis: Analysis): string[] => analysis.faces.map((face) => face.top.label);
const analyzed = (name: string) => analyze({ body: { image: base64(name) } });

// That this compiles says that every error of these calls is a Problem.
async function error(call: Promise<{ error?: Problem; response?: Response }>) {
  const { error, response } = await call;
  if (!error || error.status !== response?.status) throw new Error(`no problem: ${error}`);
  return [error.status, error.code];
}

async function video() {
  const body = await openAsBlob(`${folder}/video.mp4`);
  const created = await createVideo({ body, query: { annotate: false }, throwOnError: true });
  let job = created.data;
  while (job.state === "QUEUED" || job.state === "RUNNING") {
    await setTimeout(50);
    job = (await getVideo({ path: { identifier: job.id }, throwOnError: true })).data;
  }
  const found = await getVideoResults({ path: { identifier: job.id }, throwOnError: true });
  return [job.state, found.data.frames.length];
}

async function everything() {
  const images = [base64("face.jpg"), { image: base64("unreadable.jpg") }];
  const batch = (await analyzeBatch({ body: { images }, throwOnError: true })).data.results;
  const name = JSON.parse(model) as string;
  const errors = [
    getModel({ path: { name: "nobody" } }),
    ...(JSON.parse(refused) as string[]).map(analyzed),
    getVideo({ path: { identifier: "nobody" } }),
  ];
  return {
    models: (await listModels({ throwOnError: true })).data.models.map((one) => one.name),
    model: (await getModel({ path: { name }, throwOnError: true })).data.name,
    analyze: {
      json: labels(
        (await analyze({ body: { image: base64("face.jpg") }, throwOnError: true })).data,
      ),
    },
    batch: {
      json: batch.map((one) => one.problem?.code ?? (one.analysis ? labels(one.analysis) : null)),
    },
    video: await video(),
    errors: await Promise.all(errors.map(error)),
  };
}

everything().then((done) => process.stdout.write(JSON.stringify(done)));

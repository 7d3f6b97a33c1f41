/** One model, and the ways to choose it and to read its card. */

import { BookOpen, Check } from "lucide-preact";
import type { Model } from "../../api/schema";
import { AnswerFacts } from "../../parts/still/answer-facts";
import { frameworkName } from "../../parts/still/framework-name";
import { chooseModel, chosenModel } from "../../state/models";
import { isModelReady } from "../../state/readiness";
import { metricsInWords } from "./metrics";

interface Properties {
  model: Model;
  onRead: () => void;
}

export function ModelTile({ model, onRead }: Properties) {
  const chosen = chosenModel.value?.name === model.name;
  const ready = isModelReady(model.name);
  const { height, width, channels } = model.input;
  return (
    <li class={chosen ? "tile chosen" : "tile"}>
      <h2>{model.name}</h2>
      <p class="badges">
        <span class={ready ? "badge up" : "badge down"}>{ready ? "ready" : "not ready"}</span>
        {model.default && <span class="badge">default</span>}
        {chosen && <span class="badge">in use</span>}
      </p>
      <AnswerFacts
        facts={[
          ["Data set", model.dataset],
          ["Framework", frameworkName(model.framework)],
          ...metricsInWords(model.metrics),
          ["Expressions", model.labels.join(", ")],
          ["Input", `${width} × ${height} pixels, ${channels === 1 ? "grey" : "colour"}`],
          ["Architecture", `${model.architecture}, version ${model.version}`],
          ["Server", model.server],
          ["Licence", model.licence],
        ]}
      />
      <div class="row">
        <button
          type="button"
          class={chosen ? "secondary" : ""}
          onClick={() => chooseModel(model.name)}
        >
          {chosen ? (
            <>
              <Check size={16} aria-hidden="true" /> In use
            </>
          ) : (
            "Use this model"
          )}
          <span class="visually-hidden"> {model.name}</span>
        </button>
        <button type="button" class="outline" onClick={onRead}>
          <BookOpen size={16} aria-hidden="true" /> Model card
          <span class="visually-hidden"> of {model.name}</span>
        </button>
      </div>
    </li>
  );
}

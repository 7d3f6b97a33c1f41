/** Which model pictures are sent to. */

import { chooseModel, chosenModel, models } from "../state/models";
import { isModelReady } from "../state/readiness";

export function ModelPicker() {
  const chosen = chosenModel.value;
  const datasets = [...new Set(models.value.map((model) => model.dataset))];
  return (
    <label class="model-picker">
      Model
      <select
        value={chosen?.name ?? ""}
        disabled={chosen === null}
        onChange={(event) => chooseModel(event.currentTarget.value)}
      >
        {chosen === null && <option value="">loading …</option>}
        {datasets.map((dataset) => (
          <optgroup key={dataset} label={dataset}>
            {models.value
              .filter((model) => model.dataset === dataset)
              .map((model) => (
                <option key={model.name} value={model.name}>
                  {model.name}
                  {isModelReady(model.name) ? "" : " (not ready)"}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

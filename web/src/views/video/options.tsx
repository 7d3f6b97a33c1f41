/** What is wanted of a video, and the button that sends it. */

import { useState } from "preact/hooks";
import type { VideoChoices } from "../../api/videos";
import { chosenModel } from "../../state/models";

interface Properties {
  /** The button's name. */
  action: string;
  /** Seconds; null where this browser cannot tell. */
  duration: number | null;
  onSend: (choices: VideoChoices) => void;
}

const RATES = [1, 2, 5, 10, 15, 25];

export function VideoOptions({ action, duration, onSend }: Properties) {
  const [wrong, setWrong] = useState("");
  const model = chosenModel.value;

  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const start = Number(form.get("start") || 0);
    const end = form.get("end") ? Number(form.get("end")) : null;
    if (end !== null && end <= start) {
      setWrong("The end must be later than the start.");
      return;
    }
    setWrong("");
    onSend({
      model: model?.name ?? "",
      sampleRate: Number(form.get("rate")),
      start,
      end,
      annotate: form.get("annotate") === "on",
    });
  };

  const longest = duration === null ? {} : { max: Math.ceil(duration) };
  return (
    <form class="video-options" onSubmit={send}>
      <details>
        <summary>Options</summary>
        <div class="fields">
          <label>
            Frames a second
            <select name="rate" defaultValue="5">
              {RATES.map((rate) => (
                <option key={rate} value={rate} selected={rate === 5}>
                  {rate}
                </option>
              ))}
            </select>
          </label>
          <label>
            Start, in seconds
            <input name="start" type="number" min="0" step="any" placeholder="0" {...longest} />
          </label>
          <label>
            End, in seconds
            <input
              name="end"
              type="number"
              min="0"
              step="any"
              placeholder={duration === null ? "at its end" : duration.toFixed(1)}
              aria-describedby={wrong ? "end-wrong" : undefined}
              {...(wrong ? { "aria-invalid": "true" as const } : {})}
            />
          </label>
          <label class="check">
            <input name="annotate" type="checkbox" defaultChecked />
            Make an annotated MP4, too
          </label>
        </div>
      </details>
      {wrong && (
        <p class="wrong" id="end-wrong" role="alert">
          {wrong}
        </p>
      )}
      <button type="submit" disabled={model === null}>
        {action}
      </button>
    </form>
  );
}

/** Choosing files: by the button, by dropping them anywhere on the page, or by pasting. */

import { Upload } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Properties {
  /** As in an input's `accept`. */
  accept: string;
  multiple?: boolean;
  title: string;
  hint: string;
  onFiles: (files: File[]) => void;
}

export function FileDrop({ accept, multiple = false, title, hint, onFiles }: Properties) {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;

  useEffect(() => {
    const take = (files: FileList | undefined | null) => {
      const all = [...(files ?? [])];
      if (all.length > 0) {
        latest.current(multiple ? all : all.slice(0, 1));
      }
    };
    const listening = new AbortController();
    const { signal } = listening;
    addEventListener(
      "dragover",
      (event) => {
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    addEventListener("dragleave", (event) => event.relatedTarget === null && setOver(false), {
      signal,
    });
    addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      },
      { signal },
    );
    addEventListener("paste", (event) => take(event.clipboardData?.files), { signal });
    return () => listening.abort();
  }, [multiple]);

  return (
    <label class={over ? "file-drop over" : "file-drop"}>
      <Upload aria-hidden="true" />
      <span>
        <strong>{title}</strong>
        <small>{hint}</small>
      </span>
      <input
        type="file"
        accept={accept}
        multiple={multiple}
        onChange={(event) => {
          const input = event.currentTarget;
          onFiles([...(input.files ?? [])]);
          input.value = ""; // so that the same file can be chosen again
        }}
      />
    </label>
  );
}

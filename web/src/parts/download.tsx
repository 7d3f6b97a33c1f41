/** A file to keep: a plain link, or a button where it has to be fetched or made first. */

import { Download as Icon } from "lucide-preact";
import { useState } from "preact/hooks";
import { apiKey } from "../api/key";
import { ErrorNotice } from "./error-notice";

interface Properties {
  /** The name on the button, such as CSV. */
  name: string;
  fileName: string;
  /** Where it is; it is linked to where no key is needed. */
  address?: string;
  content: () => Promise<Blob> | Blob;
}

export function Download({ name, fileName, address, content }: Properties) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (address && !apiKey.value) {
    return (
      <a class="download" href={address} download={fileName}>
        <Icon size={16} aria-hidden="true" /> {name}
      </a>
    );
  }
  const fetchIt = async () => {
    setBusy(true);
    setError(null);
    try {
      saveBlob(await content(), fileName);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class="download" aria-busy={busy} disabled={busy} onClick={fetchIt}>
        <Icon size={16} aria-hidden="true" /> {name}
      </button>
      {error !== null && <ErrorNotice error={error} about={fileName} />}
    </>
  );
}

const MINUTE_MS = 60_000;

function saveBlob(content: Blob, fileName: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = fileName;
  link.click();
  // The browser reads it after the click, and does not say when it is done.
  setTimeout(() => URL.revokeObjectURL(link.href), MINUTE_MS);
}

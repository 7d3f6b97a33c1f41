import { ViewHead } from "../../parts/view-head";

export function ExplainView() {
  return <ViewHead title="Explain" about="Where the model looked" />;
}

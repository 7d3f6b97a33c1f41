/** The page's frame: what is on every view. */

import { Camera, GitCompare, Image, Layers, ScanSearch, Video as VideoIcon } from "lucide-preact";
import { Link, Route, Router, Switch, useRoute } from "wouter-preact";
import { useHashLocation } from "wouter-preact/use-hash-location";
import { Caption } from "./parts/caption";
import { KeyDialog } from "./parts/key-dialog";
import { KeyNotice } from "./parts/key-notice";
import { ReadinessNotice } from "./parts/readiness-notice";
import { VersionNotice } from "./parts/version-notice";
import { CompareView } from "./views/compare";
import { ExplainView } from "./views/explain";
import { LiveView } from "./views/live";
import { ModelsView } from "./views/models";
import { NotFoundView } from "./views/not-found";
import { PictureView } from "./views/picture";
import { VideoView } from "./views/video";

const VIEWS = [
  { path: "/", name: "Picture", icon: Image, view: PictureView },
  { path: "/video", name: "Video", icon: VideoIcon, view: VideoView },
  { path: "/live", name: "Live", icon: Camera, view: LiveView },
  { path: "/compare", name: "Compare", icon: GitCompare, view: CompareView },
  { path: "/explain", name: "Explain", icon: ScanSearch, view: ExplainView },
  { path: "/models", name: "Models", icon: Layers, view: ModelsView },
] as const;

export function App() {
  return (
    <Router hook={useHashLocation}>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to the content
      </button>
      <header class="container-fluid masthead">
        <p class="brand">
          <img src="/icons/icon.svg" alt="" />
          Mien
        </p>
        <nav aria-label="Views">
          <ul>
            {VIEWS.map((view) => (
              <li key={view.path}>
                <Tab {...view} />
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" tabIndex={-1} class="container-fluid">
        <VersionNotice />
        <KeyNotice />
        <ReadinessNotice />
        <Switch>
          {VIEWS.map(({ path, view }) => (
            <Route key={path} path={path} component={view} />
          ))}
          <Route component={NotFoundView} />
        </Switch>
      </main>
      <Caption />
      <KeyDialog />
    </Router>
  );
}

function Tab({ path, name, icon: Icon }: (typeof VIEWS)[number]) {
  const [here] = useRoute(path);
  return (
    <Link href={path} {...(here ? { "aria-current": "page" } : {})}>
      <Icon size={18} aria-hidden="true" />
      {name}
    </Link>
  );
}

// No link: the address's hash is the view's.
function skipToMain(): void {
  document.getElementById("main")?.focus();
}

// Entry of every page. What only some pages need is fetched when such an element is there.

import "./andon-sound.js";
import "./live.js";
import "./lookup.js";
import "./spark.js";
import "./theme.js";
import "./wall.js";

import { startAges } from "./ages.js";
import { lazyBehaviour, startBehaviours } from "./behaviours.js";
import { startDialogs } from "./dialogs.js";
import { startForms } from "./forms.js";
import { startSearch } from "./search.js";
import { startTables } from "./table.js";
import { startToasts } from "./toasts.js";

lazyBehaviour("[data-chart]", () => import("./chart.js"));
lazyBehaviour("[data-state-timeline]", () => import("./state-timeline.js"));
lazyBehaviour("[data-gantt]", () => import("./gantt-bars.js"));
lazyBehaviour("[data-terminal]", () => import("./terminal.js"));
lazyBehaviour("[data-board]", () => import("./board.js"));
lazyBehaviour("[data-grid]", () => import("./grid-paste.js"));
lazyBehaviour("[data-meeting]", () => import("./meeting.js"));
lazyBehaviour("[data-queued-page]", () => import("./queued-page.js"));

// Nobody is signed in: what was kept of somebody's own pages is nobody's any more. Their queue stays.
if (!document.querySelector("[data-signed-in]")) self.caches?.delete("plantbeat-own-pages");

startAges();
startBehaviours();
startDialogs();
startForms();
startSearch();
startTables();
startToasts();

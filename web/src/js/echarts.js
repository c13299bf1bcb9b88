// The parts of ECharts that the charts use; the rest stays out of the bundle.

import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, CanvasRenderer, GridComponent, LineChart, MarkLineComponent, TooltipComponent]);

export { init };

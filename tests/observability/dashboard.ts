// What our dashboards may be: Grafana's own types, with the options of each kind of panel we use. A file is checked by
// being written behind `const d: Checked = `: wrong types and misspelt keys are then errors of the compiler.
import type { Dashboard, Panel, RowPanel } from "@grafana/schema";
import type * as Heatmap from "./node_modules/@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type * as Stat from "./node_modules/@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as Table from "./node_modules/@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as Lines from "./node_modules/@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

// Enumerations as the words that JSON holds.
type Plain<T> = T extends string
  ? `${T}`
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;
// Grafana fills in what is left out.
type Some<T> = T extends (infer Item)[]
  ? Some<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Some<T[Key]> }
    : T;

type Fields<Custom> = {
  defaults: Omit<NonNullable<Plain<Panel["fieldConfig"]>>["defaults"], "custom"> & {
    custom?: Some<Plain<Custom>>;
  };
  overrides: [];
};
type Of<Kind, Options, Custom> = Omit<Plain<Panel>, "type" | "options" | "fieldConfig" | "targets"> & {
  type: Kind;
  title: string;
  description: string;
  options: Some<Plain<Options>>;
  fieldConfig: Fields<Custom>;
  targets: {
    refId: string;
    expr: string;
    legendFormat: string;
    instant: boolean;
    range: boolean;
    format: "time_series" | "table" | "heatmap";
    datasource: { type: "prometheus"; uid: string };
  }[];
};

export type Checked = Omit<Plain<Dashboard>, "panels"> & {
  panels: (
    | Plain<RowPanel>
    | Of<"timeseries", Lines.Options, Lines.FieldConfig>
    | Of<"stat", Stat.Options, never>
    | Of<"heatmap", Heatmap.Options, Heatmap.FieldConfig>
    | Of<"table", Table.Options, Table.FieldConfig>
  )[];
};

"""Building blocks of dashboards: one look, units and windows for all panels. See dashboards.py."""

SOURCE = {"type": "prometheus", "uid": "$datasource"}
WIDTH = 24  # of Grafana's grid
GREEN, YELLOW, RED = "green", "yellow", "red"

SELECT = 'job=~"$job",instance=~"$instance"'
OF_MODEL = SELECT + ',model=~"$model"'


def rate(metric, labels=OF_MODEL, by="", window="$__rate_interval"):
    """sum by (BY) of a counter's rate."""
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{{{labels}}}[{window}]))"


def mean(histogram, labels=OF_MODEL, by=""):
    """Mean of a histogram's values."""
    on = [rate(f"{histogram}_{part}", labels, by) for part in ("sum", "count")]
    return f"{on[0]} / {on[1]}"


def quantile(share, histogram, labels=OF_MODEL, by=""):
    """Quantile of a histogram's values."""
    both = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{histogram}_bucket', labels, both)})"


def share(part, whole, by=""):
    """Part of a whole; both as expressions over the same labels but `by`, which only the part has."""
    return f"{part} / ignoring ({by}) group_left () {whole}" if by else f"{part} / {whole}"


def target(expression, legend, instant=False, heatmap=False):
    """One query of a panel."""
    return {
        "expr": expression,
        "legendFormat": legend,
        "instant": instant,
        "range": not instant,
        "format": "heatmap" if heatmap else "table" if instant and not legend else "time_series",
    }


def panel(kind, title, unit, queries, why, *, height=8, width=8, options=None, defaults=None):
    """A panel without its place. `queries`: (expression, legend); `why`: what to look for."""
    instant = kind in ("stat", "table")
    heatmap = kind == "heatmap"
    targets = [target(expr, legend, instant, heatmap) for expr, legend in queries]
    for number, each in enumerate(targets):
        each["refId"] = chr(ord("A") + number)
        each["datasource"] = SOURCE
    return {
        "type": kind,
        "title": title,
        "description": why,
        "datasource": SOURCE,
        "targets": targets,
        "gridPos": {"h": height, "w": width, "x": 0, "y": 0},
        "fieldConfig": {"defaults": {"unit": unit, **(defaults or {})}, "overrides": []},
        "options": options or {},
    }


def graph(title, unit, queries, why, *, stacked=False, most=None, limit=None, width=8):
    """Lines over time. `most`: upper end of the axis; `limit`: a red line, where an alert speaks."""
    custom = {"fillOpacity": 10, "lineWidth": 1, "showPoints": "never"}
    if stacked:
        custom["stacking"] = {"mode": "normal", "group": "A"}
    defaults = {"custom": custom, "min": 0}
    if most is not None:
        defaults["max"] = most
    if limit is not None:
        custom["thresholdsStyle"] = {"mode": "dashed"}
        defaults["thresholds"] = thresholds((None, GREEN), (limit, RED))
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return panel("timeseries", title, unit, queries, why, width=width, options=options, defaults=defaults)


def thresholds(*steps):
    """(value, colour) from below; None: from the start."""
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}


def stat(title, unit, expression, why, *steps, width=4):
    """One number of now, coloured by `steps`."""
    return panel(
        "stat", title, unit, [(expression, title)], why, height=4, width=width,
        options={
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "value",
            "graphMode": "none",
        },
        defaults={"thresholds": thresholds(*(steps or ((None, GREEN),)))},
    )


def heatmap(title, unit, histogram, why, labels=OF_MODEL):
    """How a histogram's values are spread, over time."""
    return panel(
        "heatmap", title, "short", [(rate(f"{histogram}_bucket", labels, "le"), "{{le}}")], why,
        options={
            "calculate": False,
            "cellGap": 1,
            "color": {"mode": "scheme", "scheme": "Blues", "steps": 32},
            "yAxis": {"unit": unit, "axisPlacement": "left"},
        },
    )


def table(title, expression, columns, why, width=12):
    """One row a series; `columns`: label to heading, the others are left out."""
    made = panel("table", title, "short", [(expression, "")], why, width=width, options={"showHeader": True})
    made["transformations"] = [
        {"id": "filterFieldsByName", "options": {"include": {"names": list(columns)}}},
        {"id": "organize", "options": {"renameByName": columns}},
    ]
    return made


def variable(name, label, query):
    """A choice of values of a label, all by default."""
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": SOURCE,
        "query": query,
        "refresh": 2,  # whenever the time range changes
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
        "sort": 1,
    }


def place(rows):
    """Panels of (title, panels), row below row, each with its number."""
    placed = []
    top = 0
    for title, panels in rows:
        placed.append({
            "type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": top},
        })
        top += 1
        left = height = 0
        for each in panels:
            size = each["gridPos"]
            if left + size["w"] > WIDTH:
                top, left, height = top + height, 0, 0
            placed.append({**each, "gridPos": {**size, "x": left, "y": top}})
            left, height = left + size["w"], max(height, size["h"])
        top += height
    return [{"id": number, **each} for number, each in enumerate(placed, 1)]


def dashboard(name, title, about, rows, variables=("model",)):
    """The whole, as Grafana imports it."""
    choices = {"model": variable("model", "Model", "label_values(lingula_model_info, model)")}
    return {
        "uid": name,
        "title": title,
        "description": about,
        "tags": ["lingula"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,  # one crosshair for all panels
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [{
            "type": "dashboards", "title": "Lingula", "tags": ["lingula"], "asDropdown": True,
            "keepTime": True, "includeVars": True, "icon": "dashboard", "targetBlank": False,
            "tooltip": "", "url": "",
        }],
        "templating": {"list": [
            {
                "type": "datasource", "name": "datasource", "label": "Data source",
                "query": "prometheus", "refresh": 1,
                "current": {"text": "default", "value": "default"},
            },
            variable("job", "Job", "label_values(lingula_build_info, job)"),
            variable("instance", "Replica", 'label_values(lingula_build_info{job=~"$job"}, instance)'),
            *(choices[each] for each in variables),
        ]},
        "panels": place(rows),
    }

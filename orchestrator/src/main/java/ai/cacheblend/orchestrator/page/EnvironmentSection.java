package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.tr;

import ai.cacheblend.orchestrator.records.Facts;
import ai.cacheblend.orchestrator.records.Json;
import j2html.tags.specialized.SectionTag;
import j2html.tags.specialized.TbodyTag;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Environment of the runs, each value once if all runs agree, and their plans. */
final class EnvironmentSection {
  private EnvironmentSection() {}

  static SectionTag of(List<NamedResult> runs) {
    Map<String, Map<String, String>> facts = new LinkedHashMap<>();
    runs.forEach(run -> facts.put(run.name(), facts(run)));
    Set<String> names = new LinkedHashSet<>();
    facts.values().forEach(of -> names.addAll(of.keySet()));
    TbodyTag body = tbody();
    names.forEach(name -> body.with(tr(th(name), td(value(name, facts)))));
    return section(
            h2("Environment"),
            div(table(body).withClass("facts")).withClass("table"),
            each(
                runs,
                run ->
                    details(
                        summary("Plan of " + run.name() + ", in the form that --plan reads"),
                        pre(Json.pretty(run.run().header().plan())))))
        .withId("environment");
  }

  private static String value(String name, Map<String, Map<String, String>> factsByRun) {
    List<String> values =
        factsByRun.values().stream().map(facts -> facts.getOrDefault(name, "—")).toList();
    if (values.stream().distinct().count() == 1) {
      return values.get(0);
    }
    return factsByRun.entrySet().stream()
        .map(run -> run.getKey() + ": " + run.getValue().getOrDefault(name, "—"))
        .collect(Collectors.joining("; "));
  }

  private static Map<String, String> facts(NamedResult run) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("folder", run.run().header().folder().getFileName().toString());
    facts.put("plan id", run.run().header().planId());
    facts.putAll(Facts.of(run.run().header().environment()));
    return facts;
  }
}

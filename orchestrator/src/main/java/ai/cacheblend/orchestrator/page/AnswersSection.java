package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.PlannedArm;
import ai.cacheblend.orchestrator.records.QualityResult;
import j2html.tags.DomContent;
import j2html.tags.specialized.DetailsTag;
import j2html.tags.specialized.DivTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Answers that differ from full prefill, grouped by arm and by change of score, worst first. */
final class AnswersSection {
  private static final int MAX_ANSWERS = 30;
  private static final int MAX_CHARACTERS = 400;

  private AnswersSection() {}

  static DomContent of(QualityResult run, ArmStyles styles) {
    Optional<PlannedArm> baseline = run.header().baseline();
    if (baseline.isEmpty() || run.arms().isEmpty()) {
      return div();
    }
    List<DomContent> arms = new ArrayList<>();
    for (PlannedArm arm : run.header().arms()) {
      if (!arm.isBaseline()) {
        List<AnswerChange> changes = AnswerChange.of(run, baseline.get().name(), arm.name());
        arms.add(arm(run, arm.name(), changes, styles, arms.isEmpty() && !changes.isEmpty()));
      }
    }
    return div(
            h3("Answers that changed"),
            p("Worst first. The marked word contains the first token that differs.")
                .withClass("note"),
            each(arms, arm -> arm))
        .withClass("answers");
  }

  private static DomContent arm(
      QualityResult run, String arm, List<AnswerChange> changes, ArmStyles styles, boolean open) {
    long worse = changes.stream().filter(c -> c.difference() < 0).count();
    DetailsTag details =
        details(
            summary(
                Html.arm(arm, styles),
                span(
                    Numbers.text(
                        ": %d of %d answers changed, %d of them worse",
                        changes.size(), run.summary().n(), worse))));
    add(details, "Worse", changes, c -> c.difference() < 0, true);
    add(details, "Same score, other tokens", changes, c -> c.difference() == 0, false);
    add(details, "Better", changes, c -> c.difference() > 0, false);
    return open ? details.attr("open") : details;
  }

  private static void add(
      DetailsTag details,
      String name,
      List<AnswerChange> all,
      Predicate<AnswerChange> chosen,
      boolean open) {
    List<AnswerChange> changes = all.stream().filter(chosen).toList();
    if (changes.isEmpty()) {
      return;
    }
    List<AnswerChange> shown = changes.subList(0, Math.min(MAX_ANSWERS, changes.size()));
    DetailsTag group =
        details(
                summary(Numbers.text("%s (%d)", name, changes.size())),
                each(shown, AnswersSection::answer))
            .withClass("group");
    if (shown.size() < changes.size()) {
      group.with(
          p(Numbers.text("See samples.jsonl for %d more.", changes.size() - shown.size()))
              .withClass("note"));
    }
    details.with(open ? group.attr("open") : group);
  }

  private static DivTag answer(AnswerChange change) {
    DifferingWord word = DifferingWord.of(change.full().text(), change.arm().text());
    String question =
        change.sample().question().isBlank()
            ? "not recorded"
            : shortened(change.sample().question());
    return div(
            dl(
                dt("question"),
                dd(question),
                dt("reference"),
                dd(String.join(" | ", change.sample().references())),
                dt(change.full().arm() + " " + Numbers.score(change.fullScore())),
                dd(word.inFirst(MAX_CHARACTERS)),
                dt(change.arm().arm() + " " + Numbers.score(change.armScore())),
                dd(word.inSecond(MAX_CHARACTERS))),
            p(Numbers.text(
                    "sample %s; %s; first differing token: %d",
                    change.sample().id(),
                    Numbers.difference(change.difference()),
                    change.firstToken() + 1))
                .withClass("note"))
        .withClass("answer");
  }

  private static String shortened(String text) {
    return text.length() <= MAX_CHARACTERS
        ? text
        : "… " + text.substring(text.length() - MAX_CHARACTERS);
  }
}

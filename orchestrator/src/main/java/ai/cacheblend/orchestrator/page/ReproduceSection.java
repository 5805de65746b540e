package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.code;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;

import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Commands that repeat the runs and regenerate the page, and the data of the page. */
final class ReproduceSection {
  private ReproduceSection() {}

  static SectionTag of(List<NamedResult> runs, String pageCommand) {
    Set<String> commands = new LinkedHashSet<>();
    runs.forEach(run -> runCommand(run).ifPresent(commands::add));
    List<DomContent> lines = new ArrayList<>();
    commands.forEach(command -> lines.add(pre(code(command)).withClass("command")));
    return section(
            h2("Reproduce"),
            p("This page:").withClass("note"),
            pre(code(pageCommand)).withClass("command"),
            p("Its runs:").withClass("note"),
            each(lines, line -> line),
            p(PageData.link(runs)))
        .withId("reproduce");
  }

  private static Optional<String> runCommand(NamedResult run) {
    List<String> words = new ArrayList<>(List.of("cacheblend"));
    run.run().header().environment().path("command_line").forEach(word -> words.add(word.asText()));
    return words.size() > 1 ? Optional.of(ShellCommand.of(words)) : Optional.empty();
  }
}

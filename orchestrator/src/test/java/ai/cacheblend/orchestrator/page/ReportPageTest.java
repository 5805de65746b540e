package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportPageTest {
  @TempDir Path folder;

  private Document page;

  @BeforeEach
  void render() {
    SampleRuns.small(folder);
    page = parse();
  }

  private Document parse() {
    String html = ReportPage.render(NamedResult.named(ResultFolder.read(folder)), "1.2.3");
    Parser parser = Parser.htmlParser().setTrackErrors(10);
    Document document = Jsoup.parse(html, parser);
    assertThat(parser.getErrors()).isEmpty();
    return document;
  }

  @Test
  void everySectionIsThereAndLinked() {
    assertThat(page.select("main > section").eachAttr("id"))
        .containsExactly("ttft", "pocketwiki", "concerns", "definitions", "environment");
    assertThat(page.select("nav a").eachAttr("href"))
        .containsExactly("#ttft", "#pocketwiki", "#concerns", "#definitions", "#environment");
    assertThat(page.select("figure").eachAttr("id"))
        .containsExactly(
            "ttft-trials",
            "ttft-speed-up",
            "ttft-time",
            "ttft-recomputed-0",
            "pocketwiki-quality",
            "pocketwiki-frontier",
            "pocketwiki-recomputed-0");
    assertThat(page.title()).isEqualTo("KV-cache reuse on pocket");
  }

  @Test
  void nothingComesFromOutsideAndNothingRuns() {
    assertThat(page.select("script, link, img, iframe, object, embed, [onload], [onclick]"))
        .isEmpty();
    assertThat(page.select("[src], [href]"))
        .allMatch(element -> element.attr("href").startsWith("#"));
    assertThat(page.select("style").html()).doesNotContain("@import", "url(");
    // Names of the vocabulary are no addresses of anything that is fetched.
    String rest = page.outerHtml().replace("http://www.w3.org/2000/svg", "");
    assertThat(rest).doesNotContain("http:", "https:", "//fonts");
  }

  @Test
  void textOfDataIsTextOfThePage() {
    Element map = page.selectFirst("#ttft .map");

    assertThat(map.wholeText())
        .isEqualTo("1Once upon" + SampleRuns.AWKWARD + " time a <question>?");
    assertThat(map.select("mark").eachText()).containsExactly(SampleRuns.AWKWARD, "time");
    assertThat(map.select("mark").first().attr("title")).isEqualTo("position 3, deviation 4.00");
    assertThat(map.select(".fresh").last().wholeText()).isEqualTo(" a <question>?");
    assertThat(page.select("summary").eachText())
        .contains("Which tokens are recomputed: sample <0>");
  }

  @Test
  void figuresAreThoseOfTheResult() throws IOException {
    JsonNode rows = result("ttft").get("rows");
    List<Element> lines = page.select("#ttft table tbody tr");
    assertThat(lines).hasSize(8);
    for (Element line : lines.subList(0, 4)) {
      JsonNode arm = rows.get(0).get("arms").get(cell(line, 0));
      assertThat(cell(line, 2))
          .isEqualTo(
              millis(arm.at("/client_ttft/mean")) + " ± " + millis(arm.at("/client_ttft/std")));
      assertThat(cell(line, 3))
          .isEqualTo(
              millis(arm.at("/client_ttft/low95")) + "…" + millis(arm.at("/client_ttft/high95")));
      assertThat(cell(line, 7))
          .isEqualTo(
              arm.has("speedup")
                  ? String.format(
                      Locale.ROOT, "%.2fx", arm.at("/speedup/geometric_mean").doubleValue())
                  : "");
    }
    assertThat(cell(lines.get(4), 2)).isEqualTo("no valid trial");

    JsonNode arms = result("pocketwiki").get("arms");
    for (Element line : page.select("#pocketwiki table tbody tr")) {
      JsonNode arm = arms.get(cell(line, 0));
      assertThat(cell(line, 1))
          .isEqualTo(
              String.format(
                  Locale.ROOT, "%.4f", arm.at("/scores/word_f1_longbench/mean").doubleValue()));
      assertThat(cell(line, 2))
          .isEqualTo(
              arm.has("arm_minus_full_prefill")
                  ? String.format(
                      Locale.ROOT, "%+.4f", arm.at("/arm_minus_full_prefill/mean").doubleValue())
                  : "");
    }
  }

  @Test
  void everyTrialIsADotOrACross() {
    Element chart = page.selectFirst("#ttft-trials .wide svg");

    // Two valid trials of four arms; one invalid at each length.
    assertThat(chart.select("circle.dot")).hasSize(8);
    assertThat(chart.select("path.cross")).hasSize(8);
    assertThat(chart.select("circle.dot title").eachText())
        .contains(
            "full_prefill, 64 tokens, trial 0: 100.00 ms (position 1 in its block, gpu1:50051)",
            "full_prefill, 64 tokens, trial 1: 120.00 ms (position 1 in its block, gpu1:50051);"
                + " flagged as outlier");
    assertThat(chart.select("circle.flagged")).hasSize(4);
    assertThat(page.select("#ttft-trials .narrow svg circle.dot")).hasSize(8);
  }

  @Test
  void anArmHasOneColourEverywhere() {
    assertThat(page.select("g.arm2 title").eachText())
        .isNotEmpty()
        .allMatch(text -> text.startsWith("cacheblend"));
    assertThat(page.select(".arm:has(svg.arm2)").eachText()).containsOnly("cacheblend");
  }

  @Test
  void partsOfTheTimeAddUpToTheWhole() {
    // The longest bar of its length: 1000 pixels, less 84 for the figure behind it.
    double width =
        page.select("#ttft-time .wide svg g.arm0 rect").stream()
            .mapToDouble(rect -> Double.parseDouble(rect.attr("width")))
            .sum();
    assertThat(width).isCloseTo(916, within(0.5));
  }

  @Test
  void whatDoesNotCountIsNamed() {
    assertThat(page.select("#concerns tbody tr").eachText())
        .contains(
            "ttft outlier, included 64 tokens, trial 1, cacheblend"
                + " device throttled by sw_thermal_slowdown: client TTFT 30.00 ms",
            "ttft invalid trial 64 tokens, trial 2, full_prefill" + " reused rows: 1, expected 26",
            "pocketwiki invalid sample sample item-2"
                + " cacheblend: computed rows: 1, expected 33");
  }

  @Test
  void withoutAnExampleThePageIsWhole() throws IOException {
    Files.delete(folder.resolve("ttft/example.json"));

    assertThat(parse().select("#ttft details")).isEmpty();
  }

  @Test
  void aRunWithoutAValidTrialHasAPage() throws IOException {
    Path trials = folder.resolve("ttft/trials.jsonl");
    SampleRuns.edit(trials, "\"rows\"", "\"lost\"");
    SampleRuns.edit(trials, "\"problem\":null", "\"problem\":\"worker lost\"");
    Path result = folder.resolve("ttft/result.json");
    JsonNode json = new JsonMapper().readTree(result.toFile());
    json.get("rows").forEach(row -> ((ObjectNode) row).putObject("arms"));
    Files.writeString(result, json.toString());

    assertThat(parse().select("#ttft table tbody tr").eachText())
        .allMatch(line -> line.contains("no valid trial"));
  }

  @Test
  void aSweepComesBeforeItsParts() throws IOException {
    SampleRuns.sweep(folder);
    Document sweep = parse();
    String name = NamedResult.named(ResultFolder.read(folder)).get(0).name();

    assertThat(sweep.select("main > section").eachAttr("id"))
        .containsExactly(name, "ttft", "pocketwiki", "concerns", "definitions", "environment");
    // One prompt shape has a valid trial: there is nothing to draw speed against.
    assertThat(sweep.select("main > section").first().select("figure").eachAttr("id"))
        .containsExactly(name + "-frontier-pocketwiki-1x512-64");
    List<Element> lines = sweep.select("main > section").first().select("tbody tr");
    assertThat(lines).hasSize(4);
    assertThat(cell(lines.get(2), 0)).isEqualTo("cacheblend");
    assertThat(cell(lines.get(2), 5)).isEqualTo("4.00x");
    assertThat(cell(lines.get(2), 11)).isEqualTo("yes?");
    // Parts are not headlines of their own.
    assertThat(sweep.select(".tile strong").eachText()).containsExactly("none");
  }

  @Test
  void aGateShowsItsInterimAnalyses() throws IOException {
    SampleRuns.gate(folder.resolve("pocketwiki"));
    Document gate = parse();

    assertThat(gate.select("#pocketwiki > h2").text())
        .isEqualTo("Gate on pocketwiki: cannot judge");
    assertThat(gate.select("#pocketwiki-interim .wide g.mean title").eachText())
        .hasSize(3)
        .anyMatch(text -> text.startsWith("cacheblend, 3 samples: -0.2500"));
    assertThat(gate.select(".tile strong").eachText()).contains("cannot judge");
  }

  @Test
  void runsInFoldersOfOneNameAreToldApart() {
    assertThat(
            NamedResult.named(
                Stream.of(folder, folder)
                    .flatMap(f -> ResultFolder.read(f.resolve("ttft")).stream())
                    .toList()))
        .extracting(NamedResult::name)
        .containsExactly("ttft", "ttft-2");
  }

  @Test
  void chartsAreFilesOfTheirOwn() throws IOException {
    ReportFiles files = new ReportFiles(List.of(folder));
    files.charts(folder.resolve("charts"));

    Set<String> names = new HashSet<>();
    try (Stream<Path> charts = Files.list(folder.resolve("charts"))) {
      for (Path chart : charts.toList()) {
        names.add(chart.getFileName().toString());
        Document svg = Jsoup.parse(Files.readString(chart), Parser.xmlParser());
        assertThat(svg.selectFirst("svg > style").wholeText()).contains("prefers-color-scheme");
      }
    }
    assertThat(names).hasSize(7).contains("ttft-trials.svg", "pocketwiki-frontier.svg");
  }

  private JsonNode result(String run) throws IOException {
    return new JsonMapper().readTree(folder.resolve(run).resolve("result.json").toFile());
  }

  private static String cell(Element line, int index) {
    return line.child(index).text().strip();
  }

  private static String millis(JsonNode seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds.doubleValue() * 1e3);
  }
}

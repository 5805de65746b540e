package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.page.chart.Numbers;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
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
    return PageParser.parse(NamedResult.named(ResultFolder.read(folder)));
  }

  @Test
  void allSectionsExistAndAreLinked() {
    assertThat(page.select("main > section").eachAttr("id"))
        .containsExactly(
            "verdict",
            "trade-off",
            "ttft",
            "pocketwiki",
            "concerns",
            "definitions",
            "environment",
            "reproduce");
    assertThat(page.select("nav a").eachAttr("href"))
        .containsExactly(
            "#verdict",
            "#trade-off",
            "#ttft",
            "#pocketwiki",
            "#concerns",
            "#definitions",
            "#environment",
            "#reproduce");
    assertThat(page.select("figure").eachAttr("id"))
        .containsExactly(
            "pocketwiki-trade-off",
            "ttft-trials",
            "ttft-speed-up",
            "ttft-drift",
            "ttft-time",
            "ttft-recomputed-0",
            "pocketwiki-quality",
            "pocketwiki-recomputed-0");
    assertThat(page.title()).isEqualTo("KV-cache reuse on pocket");
  }

  @Test
  void pageHasNoScriptAndNoExternalReference() {
    assertThat(page.select("script, link, img, iframe, object, embed, [onload], [onclick]"))
        .isEmpty();
    assertThat(page.select("[src], [href]"))
        .allMatch(
            element ->
                element.attr("href").startsWith("#")
                    || element.attr("href").startsWith("data:application/json;base64,"));
    assertThat(page.select("style").html()).doesNotContain("@import", "url(");
    // Names of the vocabulary are no addresses of anything that is fetched.
    String rest = page.outerHtml().replace("http://www.w3.org/2000/svg", "");
    assertThat(rest).doesNotContain("http:", "https:", "//fonts");
  }

  @Test
  void dataIsEscaped() {
    Element map = page.selectFirst("#ttft .map");

    assertThat(map.wholeText())
        .isEqualTo("1Once upon" + SampleRuns.AWKWARD + " time a <question>?");
    assertThat(map.select("mark").eachText()).containsExactly(SampleRuns.AWKWARD, "time");
    assertThat(map.select("mark").first().attr("title")).isEqualTo("position 3, deviation 4.00");
    assertThat(map.select(".fresh").last().wholeText()).isEqualTo(" a <question>?");
    assertThat(page.select("summary").eachText()).contains("Recomputed tokens: sample <0>");
  }

  @Test
  void statisticsEqualTheResultFile() throws IOException {
    JsonNode rows = result("ttft").get("rows");
    List<Element> lines = page.select("#ttft table tbody tr");
    assertThat(lines).hasSize(8);
    for (Element line : lines.subList(0, 4)) {
      JsonNode arm = rows.get(0).get("arms").get(cell(line, 0));
      assertThat(cell(line, 3))
          .isEqualTo(
              millis(arm.at("/client_ttft/mean")) + " ± " + millis(arm.at("/client_ttft/std")));
      assertThat(cell(line, 7))
          .isEqualTo(
              arm.has("speedup")
                  ? Numbers.ratio(arm.at("/speedup/geometric_mean").doubleValue())
                  : "");
    }
    assertThat(cell(lines.get(4), 3)).isEqualTo("no valid trial");

    JsonNode arms = result("pocketwiki").get("arms");
    for (Element line : page.select("#pocketwiki table tbody tr")) {
      JsonNode arm = arms.get(cell(line, 0));
      assertThat(cell(line, 2))
          .isEqualTo(Numbers.score(arm.at("/scores/word_f1_longbench/mean").doubleValue()));
      assertThat(cell(line, 3))
          .isEqualTo(
              arm.has("arm_minus_full_prefill")
                  ? Numbers.difference(arm.at("/arm_minus_full_prefill/mean").doubleValue())
                  : "");
    }
  }

  @Test
  void overviewHasVerdictSpeedAndQualityPerArm() {
    assertThat(page.select("#verdict .card .name").eachText())
        .containsExactly("cacheblend", "chunk-head:k=4", "full_kv_reuse");
    Element card = page.selectFirst("#verdict .card");
    assertThat(card.selectFirst(".badge").text()).isEqualTo("? cannot tell");
    assertThat(card.selectFirst(".verdict .note").text())
        .isEqualTo("pocketwiki: cannot judge, margin 0.02, n = 2, charged budget 0.268.");
    assertThat(card.select(".tile .what").eachText())
        .containsExactly("First token, 64 tokens", "word F1, pocketwiki");
    assertThat(card.select(".tile strong").eachText()).containsExactly("4.00x faster", "−0.250");
    assertThat(card.select(".tile .change").eachText())
        .containsExactly("110 ms → 27.5 ms", "0.750 → 0.500 (0.667x)");
  }

  @Test
  void trustChecksNameFailedConditions() {
    assertThat(page.select("#verdict .trust li.doubt strong").eachText())
        .contains("load", "invalid blocks", "samples, pocketwiki");
    assertThat(page.select("#verdict .trust li").eachText())
        .contains(
            "! load device throttled in 1 of 2 trials",
            "! samples, pocketwiki 2 valid; a margin of 0.02 needs 195 or more",
            "✓ floor, pocketwiki full prefill scores 0.750 (floor 0.04)");
  }

  @Test
  void tradeOffChartHasMarginAreaAndBoundLine() {
    Element chart = page.selectFirst("#trade-off .wide svg");

    assertThat(chart.select("rect.zone")).hasSize(1);
    assertThat(chart.select("line.bound")).isNotEmpty();
    assertThat(chart.select("text").eachText())
        .contains(
            "loss greater than the margin of 0.02",
            "word F1, arm − full prefill",
            "speed-up of time to first token, log scale");
  }

  @Test
  void allPlotsLabelBothAxes() {
    assertThat(page.select("#ttft-trials .wide text").eachText())
        .contains("client TTFT, log scale", "prompt tokens");
    assertThat(page.select("#ttft-speed-up .wide text").eachText())
        .contains("speed-up, log scale", "prompt tokens");
    assertThat(page.select("#ttft-drift .wide text").eachText())
        .contains("TTFT / median, log scale", "trial, in the order of the run");
  }

  @Test
  void pageDataIsInALink() throws IOException {
    String href = page.selectFirst("#data").attr("href");
    JsonNode data =
        new JsonMapper()
            .readTree(Base64.getDecoder().decode(href.substring(href.indexOf(',') + 1)));

    assertThat(data.at("/runs/0/result")).isEqualTo(result("ttft"));
    assertThat(data.at("/runs/0/trials")).hasSize(20);
    assertThat(data.at("/runs/1/samples/0/arm").textValue()).isEqualTo("full_prefill");
  }

  @Test
  void commandsAreQuotedForTheShell() {
    assertThat(page.select("#reproduce pre").eachText())
        .containsExactly("cacheblend report 'a b'", "cacheblend ttft --lengths 64");
  }

  @Test
  void eachTrialIsADotOrACross() {
    Element chart = page.selectFirst("#ttft-trials .wide svg");

    // Two valid trials of four arms; one invalid at each length.
    assertThat(chart.select("circle.dot:has(title)")).hasSize(8);
    assertThat(chart.select("path.cross:has(title)")).hasSize(8);
    assertThat(chart.select(".legend text").eachText()).contains("outlier", "invalid");
    assertThat(chart.select("circle.dot title").eachText())
        .contains(
            "full_prefill, 64 tokens, trial 0: 100 ms (position 1 in its block, gpu1:50051)",
            "full_prefill, 64 tokens, trial 1: 120 ms (position 1 in its block, gpu1:50051);"
                + " flagged as outlier");
    assertThat(chart.select("g:not(.legend) > g > circle.flagged, circle.flagged:has(title)"))
        .hasSize(4);
    assertThat(page.select("#ttft-trials .narrow svg circle.dot:has(title)")).hasSize(8);
  }

  @Test
  void armColourIsTheSameEverywhere() {
    assertThat(page.select("g.arm2 title").eachText())
        .isNotEmpty()
        .allMatch(text -> text.startsWith("cacheblend"));
    assertThat(page.select(".arm:has(svg.arm2)").eachText()).containsOnly("cacheblend");
  }

  @Test
  void partsSumToTheTimeToFirstToken() {
    // The longest bar of its length: 1000 pixels, minus 84 for the number after it.
    double width =
        page.select("#ttft-time .wide svg g.arm0 rect").stream()
            .mapToDouble(rect -> Double.parseDouble(rect.attr("width")))
            .sum();
    assertThat(width).isCloseTo(916, within(0.5));
  }

  @Test
  void invalidTrialsAndOutliersAreListed() {
    assertThat(page.select("#concerns tbody tr").eachText())
        .contains(
            "ttft outlier (included) 64 tokens, trial 1, cacheblend"
                + " device throttled by sw_thermal_slowdown: client TTFT 30.0 ms",
            "ttft invalid trial 64 tokens, trial 2, full_prefill" + " reused rows: 1, expected 26",
            "pocketwiki invalid sample sample item-2"
                + " cacheblend: computed rows: 1, expected 33");
  }

  @Test
  void pageWithoutExamplesIsComplete() throws IOException {
    Files.delete(folder.resolve("ttft/example.json"));

    assertThat(parse().select("#ttft details")).isEmpty();
  }

  @Test
  void chartsAreWrittenAsFiles() throws IOException {
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
    assertThat(names).hasSize(8).contains("ttft-trials.svg", "pocketwiki-trade-off.svg");
  }

  private JsonNode result(String run) throws IOException {
    return new JsonMapper().readTree(folder.resolve(run).resolve("result.json").toFile());
  }

  private static String cell(Element line, int index) {
    return line.child(index).text().strip();
  }

  private static String millis(JsonNode seconds) {
    return Numbers.millis(seconds.doubleValue());
  }
}

package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.TierSamples;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of sweeps, gates, several runs, and runs without results. */
final class PageOfRunsTest {
  @TempDir Path folder;

  @BeforeEach
  void writeRuns() {
    SampleRuns.small(folder);
  }

  @Test
  void sweepPrecedesItsParts() throws IOException {
    SampleRuns.sweep(folder);
    Document sweep = page(folder);
    String name = NamedResult.named(ResultFolder.read(folder)).get(0).name();

    assertThat(sweep.select("main > section").eachAttr("id"))
        .containsExactly(
            "verdict",
            "trade-off",
            name,
            "ttft",
            "pocketwiki",
            "concerns",
            "definitions",
            "environment",
            "reproduce");
    // One prompt shape has a valid trial: there is nothing to draw speed against.
    assertThat(sweep.select("#trade-off figure").eachAttr("id"))
        .containsExactly(name + "-trade-off-pocketwiki-1x512-64");
    Element section = sweep.select("main > section").get(2);
    // Quality once per data set, speed per shape.
    List<Element> quality = section.select("table").get(0).select("tbody tr");
    List<Element> speed = section.select("table").get(1).select("tbody tr");
    assertThat(quality).hasSize(4);
    assertThat(speed).hasSize(4);
    assertThat(section.text()).contains("Measured once per chunk size");
    assertThat(cell(speed.get(2), 0)).isEqualTo("cacheblend");
    assertThat(cell(speed.get(2), 5)).isEqualTo("4.00x");
    assertThat(cell(speed.get(2), 8)).isEqualTo("cannot tell");
    // Parts are not counted twice.
    assertThat(sweep.select("#verdict .card")).hasSize(3);
  }

  @Test
  void sweepOverTiersShowsTtftByRatioAndTier() throws IOException {
    Path tiers = folder.resolve("tiers");
    TierSamples.write(tiers);
    Document page = page(tiers);

    Element chart = page.selectFirst("#tiers-tiers-cacheblend-3x16-64");
    assertThat(chart.select(".wide g.mean title").eachText())
        .hasSize(9)
        .contains(
            "cacheblend@0.3 from host: mean 123 ms, 95 % −398 ms to 644 ms, n = 2, 1.03x of device,"
                + " load hidden: 95 %");
    assertThat(chart.select(".wide title").eachText())
        .anyMatch(text -> text.startsWith("full_prefill from device"));
    // Two points of host memory, and three of 2 MB/s; one more in the legend.
    assertThat(chart.select(".wide path.flagged")).hasSize(6);
    assertThat(chart.select(".wide text").eachText())
        .contains("device", "host", "host@2MB/s", "full_prefill", "recompute ratio");
    List<Element> rows = page.select("#tiers table").last().select("tbody tr");
    assertThat(rows).hasSize(4 + 3 + 3);
    assertThat(cell(rows.get(5), 1)).isEqualTo("host");
    assertThat(cell(rows.get(5), 7)).isEqualTo("1.20x");
    assertThat(cell(rows.get(5), 9)).isEqualTo("75 %");
  }

  @Test
  void gateShowsInterimAnalyses() throws IOException {
    SampleRuns.gate(folder.resolve("pocketwiki"));
    Document gate = page(folder);

    assertThat(gate.select("#pocketwiki > h2").text())
        .isEqualTo("Gate on pocketwiki: cannot judge");
    assertThat(gate.select("#pocketwiki-interim .wide g.mean title").eachText())
        .hasSize(3)
        .anyMatch(text -> text.startsWith("cacheblend, 3 samples: −0.250"));
    assertThat(gate.select("#verdict .badge").eachText()).contains("? cannot tell");
  }

  @Test
  void runWithoutValidTrialsHasAPage() throws IOException {
    Path trials = folder.resolve("ttft/trials.jsonl");
    SampleRuns.edit(trials, "\"rows\"", "\"lost\"");
    SampleRuns.edit(trials, "\"problem\":null", "\"problem\":\"worker lost\"");
    Path result = folder.resolve("ttft/result.json");
    JsonNode json = new JsonMapper().readTree(result.toFile());
    json.get("rows").forEach(row -> ((ObjectNode) row).putObject("arms"));
    Files.writeString(result, json.toString());

    assertThat(page(folder).select("#ttft table tbody tr").eachText())
        .allMatch(line -> line.contains("no valid trial"));
  }

  /** Two valid trials each. */
  @Test
  void busyMachineOfSeveralRunsIsOneFinding(@TempDir Path other) throws IOException {
    SampleRuns.small(other);
    for (Path run : List.of(folder, other)) {
      SampleRuns.edit(
          run.resolve("ttft/trials.jsonl"), "\"cpu_pressure\":0.1", "\"cpu_pressure\":0.9");
    }
    List<NamedResult> runs =
        NamedResult.named(
            Stream.of(folder, other).flatMap(run -> ResultFolder.read(run).stream()).toList());

    assertThat(PageParser.parse(runs).select("#verdict .trust li").eachText())
        .contains(
            "! load device throttled in 2 of 4 trials; the machine was busy in 4 of 4 blocks:"
                + " tasks waited for a processor (load average up to 1.5 on 2 processors)");
  }

  @Test
  void baselineRunIsOverlaid(@TempDir Path before) {
    SampleRuns.small(before);
    Document both =
        PageParser.parse(NamedResult.named(ResultFolder.read(folder), ResultFolder.read(before)));

    assertThat(both.select("#verdict .card").first().select(".earlier").eachText())
        .containsExactly("Earlier run: 4.00x", "Earlier run: −0.250");
    assertThat(
            both.select("#ttft-trials .wide path.earlier title, #ttft-trials .wide path.earlier"))
        .isNotEmpty();
    assertThat(both.select("#trade-off .wide .change")).hasSize(3);
    assertThat(both.select("#pocketwiki-quality .wide text").eachText()).contains("earlier run");
    assertThat(page(folder).select(".earlier")).isEmpty();
  }

  @Test
  void runsInFoldersOfEqualNamesAreNumbered() {
    assertThat(
            NamedResult.named(
                Stream.of(folder, folder)
                    .flatMap(f -> ResultFolder.read(f.resolve("ttft")).stream())
                    .toList()))
        .extracting(NamedResult::name)
        .containsExactly("ttft", "ttft-2");
  }

  private static Document page(Path folder) {
    return PageParser.parse(NamedResult.named(ResultFolder.read(folder)));
  }

  private static String cell(Element line, int index) {
    return line.child(index).text().strip();
  }
}

package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AnswersSectionTest {
  @TempDir Path folder;

  @Test
  void changedAnswersAreListedWorstFirst() throws IOException {
    SampleRuns.small(folder);
    Path samples = folder.resolve("pocketwiki/samples.jsonl");
    List<String> changed = new ArrayList<>();
    for (String line : Files.readAllLines(samples)) {
      int arm = line.indexOf("\"cacheblend\"");
      String rest =
          line.substring(arm).replaceFirst("\"token_ids\":\\[5,6]", "\"token_ids\":[5,7]");
      changed.add(
          line.substring(0, arm)
              + rest.replaceFirst("\"text\":\"an answer\"", "\"text\":\"an <i>other\""));
    }
    Files.write(samples, changed);
    QualityResult run = (QualityResult) ResultFolder.read(folder.resolve("pocketwiki")).get(0);
    Document page = Jsoup.parse(AnswersSection.of(run, new ArmStyles(List.of(run))).render());

    assertThat(page.select("details > summary").eachText())
        .containsExactly(
            "full_kv_reuse : 0 of 2 answers changed, 0 of them worse",
            "cacheblend : 2 of 2 answers changed, 1 of them worse",
            "Worse (1)",
            "Same score, other tokens (1)",
            "chunk-head:k=4 : 0 of 2 answers changed, 0 of them worse");
    assertThat(page.select(".answer").first().select("dd").eachText())
        .containsExactly("who <did> it?", "the answer", "an answer", "an <i>other");
    assertThat(page.select(".answer").first().select("mark").eachText())
        .containsExactly("answer", "<i>other");
    assertThat(page.select(".answer .note").first().text())
        .isEqualTo("sample item-0; −0.500; first differing token: 2");
  }

  @Test
  void prefixAnswersDifferAtTheEndOfTheShorterOne() {
    ImmutableIntArray answer = ImmutableIntArray.of(5, 6, 7);

    assertThat(AnswerChange.firstDifference(answer, answer)).isEqualTo(-1);
    assertThat(AnswerChange.firstDifference(answer, ImmutableIntArray.of(5, 9, 7))).isEqualTo(1);
    assertThat(AnswerChange.firstDifference(answer, ImmutableIntArray.of(5, 6))).isEqualTo(2);
    assertThat(AnswerChange.firstDifference(ImmutableIntArray.of(), answer)).isZero();
  }
}

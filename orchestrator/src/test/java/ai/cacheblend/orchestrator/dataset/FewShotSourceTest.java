package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The template samsum draws six examples for each dialogue. */
final class FewShotSourceTest {
  @TempDir Path folder;

  @Test
  void examplesComeFromTheTrainingSplitBesideTheFile() throws IOException {
    write("samsum-train.jsonl", "train", 20);
    QualityTask task = load(write("samsum-test.jsonl", "test", 30));

    assertThat(task.samples()).hasSize(30);
    assertThat(examples(task)).hasSize(20).allMatch(text -> text.contains("train"));
    assertThat(task.samples().get(0).parts())
        .filteredOn(PromptPart::cached)
        .filteredOn(part -> part.text().contains("train"))
        .hasSize(6)
        .doesNotHaveDuplicates();
  }

  @Test
  void withoutATrainingSplitTheLastTenthIsHeldOut() throws IOException {
    QualityTask task = load(write("samsum.jsonl", "item", 100));

    assertThat(task.samples()).hasSize(90);
    Set<String> heldOut =
        IntStream.range(90, 100).mapToObj(i -> "item" + i + ".").collect(Collectors.toSet());
    assertThat(examples(task)).allMatch(text -> heldOut.stream().anyMatch(text::contains));
    assertThat(task.notes())
        .containsExactly(
            "the last 10 items serve as few-shot examples: there is no training split");
  }

  /** Six examples a prompt; at most half of the items are held out. */
  @ParameterizedTest
  @CsvSource({"2, 1", "7, 4", "12, 6", "30, 24", "60, 54"})
  void itemsUnderTestAreNeverExamples(int count, int asked) throws IOException {
    QualityTask task = load(write("samsum.jsonl", "item", count));

    assertThat(task.samples()).extracting(QualitySample::id).hasSize(asked).doesNotHaveDuplicates();
    assertThat(examples(task))
        .isNotEmpty()
        .noneMatch(
            text -> IntStream.range(0, asked).anyMatch(i -> text.contains("item" + i + ".")));
    assertThat(task.notes())
        .containsExactly(
            "the last %d items serve as few-shot examples: there is no training split"
                .formatted(count - asked));
  }

  @Test
  void theTrainingSplitItselfIsNotItsOwnSource() throws IOException {
    assertThat(load(write("samsum-train.jsonl", "train", 100)).samples()).hasSize(90);
  }

  @Test
  void aTrainingSplitWithTooFewDialoguesIsNotUsed() throws IOException {
    write("samsum-train.jsonl", "train", 5);

    assertThat(examples(load(write("samsum-test.jsonl", "test", 100))))
        .allMatch(text -> text.contains("test"));
  }

  private static Set<String> examples(QualityTask task) {
    Set<String> texts = new HashSet<>();
    for (QualitySample sample : task.samples()) {
      List<PromptPart> parts = sample.parts();
      parts.stream()
          .filter(part -> part.cached() && part.text().contains("says"))
          .forEach(part -> texts.add(part.text()));
    }
    return texts;
  }

  private static QualityTask load(Path file) {
    return Datasets.load(file.toString(), DatasetOptions.samples(1000), Map.of());
  }

  private Path write(String name, String text, int count) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    "{\"id\": \"%d\", \"dialogue\": \"says %s%d.\", \"summary\": \"%s %d\"}\n"
                        .formatted(i, text, i, text, i))
            .collect(Collectors.joining()));
  }
}

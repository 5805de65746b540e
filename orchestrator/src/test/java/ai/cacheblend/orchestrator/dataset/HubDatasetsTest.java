package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Layouts of repositories on the Hub; the Parquet files are pyarrow's ({@code make_parquet.py}).
 */
class HubDatasetsTest {
  @TempDir Path home;

  @ParameterizedTest
  @CsvSource({
    "hotpotqa, hotpotqa/hotpot_qa, distractor/validation-00000-of-00001.parquet, hotpotqa, 2",
    "hotpotqa, hotpot_qa, distractor/validation/0000.parquet, hotpotqa, 2",
    "hotpotqa:fullwiki, hotpotqa/hotpot_qa, fullwiki/validation-00000-of-00001.parquet, hotpotqa, 2",
    "hotpotqa@train, hotpotqa/hotpot_qa, distractor/train-00000-of-00001.parquet, hotpotqa, 2",
    "2wikimqa, xanhho/2WikiMultihopQA, dev.parquet, 2wikimqa, 1",
    "samsum, Samsung/samsum, samsum/test/0000.parquet, samsum, 2",
    "samsum@validation, knkarthick/samsum, default/validation/0000.parquet, samsum, 2",
    "multi_news, alexfabbri/multi_news, default/test/0000.parquet, multi_news, 2",
    "some/musique, some/musique, data/validation-00000-of-00001.parquet, musique, 2",
    "some/set:hard@dev, some/set, hard/dev.parquet, hotpotqa, 2",
  })
  void readsParquetFilesWhereRepositoriesHaveThem(
      String dataset, String repository, String file, String content, int samples)
      throws IOException {
    place("parquet/" + content + ".parquet", snapshot(repository), file);

    QualityTask task = load(dataset);

    assertThat(task.samples()).hasSize(samples);
    assertThat(task.source()).isEqualTo(dataset);
    assertThat(task.name()).isEqualTo(content);
  }

  @Test
  void joinsTitlesAndSentencesOfColumns() throws IOException {
    place(
        "parquet/hotpotqa.parquet",
        snapshot("hotpotqa/hotpot_qa"),
        "distractor/validation-00000-of-00001.parquet");

    QualitySample sample = load("hotpotqa").samples().get(0);

    assertThat(Fixtures.documents(sample))
        .containsExactly(
            "Alder\nAlder opens. Alder closes — ü.\n\n",
            "Birch\nBirch opens. Birch closes — ü.\n\n",
            "Stone\nStone opens. Stone closes — ü.\n\n");
    assertThat(sample.references()).containsExactly("yes");
    assertThat(sample.supporting()).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void readsShardsInOrderAsOneSplit() throws IOException {
    Path folder = snapshot("alexfabbri/multi_news");
    place("parquet/multi_news.parquet", folder, "default/test/0001.parquet");
    place("parquet/multi_news.parquet", folder, "default/test/0000.parquet");

    QualityTask task = load("multi_news");

    assertThat(task.samples()).extracting(QualitySample::id).containsExactly("0", "1", "2", "3");
    assertThat(Fixtures.documents(task.samples().get(0)))
        .containsExactly(
            "Article 1:\nFirst report.\nIt rains.\n\n", "Article 2:\nSecond report.\n\n");
    assertThat(task.samples().get(0).references()).containsExactly("– It rains, two reports say.");
    assertThat(Fixtures.question(task.samples().get(0))).endsWith("Summary:");
  }

  @Test
  void incompleteSetOfShardsIsNotUsed() throws IOException {
    place(
        "parquet/hotpotqa.parquet",
        snapshot("hotpotqa/hotpot_qa"),
        "distractor/train-00000-of-00002.parquet");

    assertThatExceptionOfType(DatasetException.class).isThrownBy(() -> load("hotpotqa@train"));
  }

  @Test
  void readsTheLinePairsOfMultiNews() throws IOException {
    Path data = Files.createDirectories(snapshot("alexfabbri/multi_news").resolve("data"));
    Files.writeString(
        data.resolve("val.src.cleaned"), "One.NEWLINE_CHARTwo. ||||| Three.\nFour.\n");
    Files.writeString(data.resolve("val.tgt"), "– Sum one.\n– Sum two.\n");

    QualityTask task = load("multi_news@validation");

    assertThat(Fixtures.documents(task.samples().get(0)))
        .containsExactly("Article 1:\nOne.\nTwo.\n\n", "Article 2:\nThree.\n\n");
    assertThat(task.samples().get(1).references()).containsExactly("– Sum two.");

    Files.writeString(data.resolve("val.tgt"), "– Sum one.\n");
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> load("multi_news@validation"))
        .withMessageContaining("different numbers of lines");
  }

  @Test
  void anotherSplitNeverTakesThePlaceOfTheDefault() throws IOException {
    Path folder = snapshot("knkarthick/samsum");
    Files.copy(Fixtures.path("samsum.csv"), folder.resolve("train.csv"));

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> load("samsum"))
        .withMessageContaining("snapshots without these files: " + folder);
    assertThat(load("samsum@train").samples()).hasSize(2);
  }

  @Test
  void namesConfigurationsAndSplits() {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> load("hotpotqa@test2"))
        .withMessage(
            "data set hotpotqa@test2 has no such split; it has the configurations"
                + " [hotpotqa, hotpotqa_e, distractor, fullwiki] with the splits [test, train, validation]");
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> Datasets.select("pocketwiki", Optional.empty(), Optional.of("test")))
        .withMessageContaining("no configurations and splits");
    assertThat(Datasets.select("hotpotqa", Optional.of("fullwiki"), Optional.of("train")))
        .isEqualTo("hotpotqa:fullwiki@train");
    assertThat(Datasets.select("file.json", Optional.empty(), Optional.empty()))
        .isEqualTo("file.json");
  }

  @Test
  void multiNewsOfLongBenchHasNoQuestionAndNoTitles() throws IOException {
    Path data = Files.createDirectories(snapshot("THUDM/LongBench").resolve("data"));
    Files.writeString(
        data.resolve("multi_news.jsonl"),
        """
        {"input": "", "context": "Passage 1:\\nFirst line.\\nMore.\\nPassage 2:\\nOther.", "answers": ["Sum."], "dataset": "multi_news", "_id": "x"}
        """);

    assertThat(Fixtures.documents(load("multi_news").samples().get(0)))
        .containsExactly("Article 1:\nFirst line.\nMore.\n\n", "Article 2:\nOther.\n\n");
  }

  @Test
  void damagedParquetFileIsReported() throws IOException {
    Path file =
        Files.createDirectories(snapshot("some/set").resolve("data")).resolve("test.parquet");
    Files.writeString(file, "PAR1 and nothing else of it");

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> load("some/set"))
        .withMessageStartingWith(file.toString())
        .withMessageContaining("download the file again");
  }

  private QualityTask load(String name) {
    return Datasets.load(
        name, DatasetOptions.samples(100), Map.of("HF_HUB_CACHE", home.toString()));
  }

  private Path snapshot(String repository) throws IOException {
    return Files.createDirectories(
        home.resolve("datasets--" + repository.replace("/", "--")).resolve("snapshots/c0ffee"));
  }

  private static void place(String resource, Path folder, String file) throws IOException {
    Path target = folder.resolve(file);
    Files.createDirectories(target.getParent());
    try {
      Files.copy(Path.of(Resources.getResource(resource).toURI()), target);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}

package ai.cacheblend.orchestrator.dataset;

import static ai.cacheblend.orchestrator.dataset.Fixtures.documents;
import static ai.cacheblend.orchestrator.dataset.Fixtures.load;
import static ai.cacheblend.orchestrator.dataset.Fixtures.question;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.MetricKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataFormatsTest {
  @Test
  void longBenchContextIsSplitIntoPassages() {
    QualityTask task = load("longbench-2wikimqa.jsonl");

    QualitySample sample = task.samples().get(0);
    assertThat(sample.id()).isEqualTo("a1b2");
    assertThat(sample.type()).isEqualTo("2wikimqa");
    assertThat(sample.references()).containsExactly("Lund");
    assertThat(documents(sample))
        .containsExactly(
            "Nils Orv\nNils Orv (1801–1870) was a painter.\nHis mother was Ada Orv.\n\n",
            "Ada Orv\nAda Orv was born in Lund.\nPassage 7:\nis the name of a poem of hers.\n\n",
            "Lund\nLund is a town.\n\n");
    assertThat(question(sample))
        .contains("Question: Where was the mother of Nils Orv born?\nAnswer:");
    assertThat(task.name()).isEqualTo("2wikimqa");
    assertThat(task.template()).isEqualTo(PromptTemplates.builtIn("2wikimqa"));
    assertThat(task.notes()).isEmpty();
  }

  @Test
  void longBenchContextWithoutPassagesIsOneDocument() {
    QualitySample sample = load("longbench-2wikimqa.jsonl").samples().get(1);

    assertThat(documents(sample))
        .containsExactly("A text without passages.\nIt was written by Bo Ek.\n\n");
    assertThat(sample.references()).containsExactly("Bo Ek", "Ek");
  }

  @Test
  void longBenchDialoguesBecomeOneChunkPerExample() {
    QualityTask task = load("longbench-samsum.jsonl");

    QualitySample sample = task.samples().get(0);
    assertThat(documents(sample))
        .containsExactly(
            "Dialogue: Ann: hi\nBen: hello Ann\nSummary: Ann greets Ben.\n\n",
            "Dialogue: Cy: bye\nSummary: Cy leaves.\n\n");
    assertThat(question(sample)).isEqualTo("Dialogue: Kim: late again\nLou: ok\nSummary:");
    assertThat(task.metric()).isEqualTo(MetricKind.ROUGE_L);
    assertThat(task.template().firstLineOnly()).isTrue();
    assertThat(task.template().maxNewTokens()).isEqualTo(128);
  }

  @Test
  void cacheBlendContextsAreUnchanged() {
    QualityTask task = load("wikimqa_s.json");

    assertThat(task.name()).isEqualTo("wikimqa_s");
    assertThat(task.template()).isEqualTo(PromptTemplates.builtIn("2wikimqa"));
    QualitySample first = task.samples().get(0);
    assertThat(first.id()).isEqualTo("0");
    // As in the CacheBlend repository, an empty title keeps its line.
    assertThat(documents(first)).containsExactly("\nfirst text \n\n", "Second\nsecond text\n\n");
    // Of a list of lists the first of each counts.
    assertThat(first.references()).containsExactly("Gold", "Bronze");
    QualitySample second = task.samples().get(1);
    assertThat(second.id()).isEqualTo("1");
    assertThat(documents(second)).containsExactly("Only\nsingle context with {title} in it\n\n");
    assertThat(second.references()).containsExactly("this");
  }

  @Test
  void twoWikiSentencesAreJoined() {
    QualityTask task = load("2wiki-dev.json");

    assertThat(task.name()).isEqualTo("2wikimqa");
    QualitySample first = task.samples().get(0);
    assertThat(first.id()).isEqualTo("8813f87c");
    assertThat(first.type()).isEqualTo("comparison");
    assertThat(documents(first))
        .containsExactly(
            "Film A\nFilm A is from 1950. It is short.\n\n", "Film B\nFilm B is from 1960.\n\n");
    assertThat(first.references()).containsExactly("Film A");
    // The part before the documents is the prefix.
    assertThat(first.supporting()).containsExactlyInAnyOrder(1, 2);
    assertThat(task.samples().get(1).supporting()).isEmpty();
    // A context that is a JSON text.
    assertThat(documents(task.samples().get(1))).containsExactly("T\nOne. Two.\n\n");
  }

  @Test
  void musiqueSkipsUnanswerableItems() {
    QualityTask task = load("musique.jsonl");

    assertThat(task.samples())
        .extracting(QualitySample::id)
        .containsExactly("2hop__13548_13529", "3hop1__4_5_6");
    assertThat(task.notes()).containsExactly("1 item left out: marked as not answerable");
    QualitySample first = task.samples().get(0);
    assertThat(first.type()).isEqualTo("2hop");
    assertThat(first.references()).containsExactly("Bb", "B. B.");
    assertThat(first.supporting()).containsExactly(2);
    assertThat(documents(first)).containsExactly("Aa\nAa is a city.\n\n", "Bb\nBb founded Aa.\n\n");
    assertThat(task.samples().get(1).type()).isEqualTo("3hop1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"samsum.json", "samsum.jsonl", "samsum.csv"})
  void samsumExamplesComeFromHeldOutItems(String file) {
    QualityTask task = load(file);

    assertThat(task.name()).isEqualTo("samsum");
    assertThat(task.samples())
        .extracting(QualitySample::id)
        .containsExactly("13862856", "13729565");
    QualitySample eric = task.samples().get(1);
    assertThat(question(eric))
        .isEqualTo("Dialogue:\nEric: MACHINE!\nRob: That's so gr8!\nSummary:");
    assertThat(eric.references()).containsExactly("Eric and Rob watch a video, \"live\".");
    assertThat(documents(eric))
        .containsExactlyInAnyOrder(
            "Dialogue:\nLenny: Babe, can you help?\nSummary: Lenny wants help.\n\n",
            "Dialogue:\nWill: hey babe\nSummary: Emma will be home soon.\n\n");
  }

  @Test
  void allPartsButTheQuestionAreCached() {
    List<String> files =
        List.of("longbench-samsum.jsonl", "wikimqa_s.json", "samsum.csv", "musique.jsonl");
    for (String file : files) {
      for (QualitySample sample : load(file).samples()) {
        int last = sample.parts().size() - 1;
        assertThat(sample.parts().subList(0, last)).allMatch(PromptPart::cached);
        assertThat(sample.parts().get(last).cached()).isFalse();
      }
    }
  }

  @Test
  void duplicateIdsAreNumbered() {
    String item =
        "{\"id\": 7, \"ctxs\": [{\"text\": \"t\"}], \"question\": \"q\", \"answers\": [\"a\"]}";
    QualityTask task = new TextData(item + item + item).load(DatasetOptions.samples(9));

    assertThat(task.samples()).extracting(QualitySample::id).containsExactly("7", "7#2", "7#3");
  }
}

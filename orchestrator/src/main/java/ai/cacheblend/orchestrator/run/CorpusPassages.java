package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import ai.cacheblend.orchestrator.dataset.TtftPassages;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** The embedded text in tokens of the model. Text repeats only after all of it was used. */
final class CorpusPassages implements TtftPrompts.Passages {
  /** English prose has four to five characters a token; small vocabularies have less. */
  private static final int CHARACTERS_PER_TOKEN = 5;

  private static final int MAX_PASSAGES = 40;

  private final TtftPassages passages;
  private final WorkerClient tokenizer;

  CorpusPassages(TtftCorpus corpus, WorkerClient tokenizer, long seed) {
    this.passages = corpus.passages(seed);
    this.tokenizer = tokenizer;
  }

  @Override
  public ImmutableIntArray next(int tokenCount) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < MAX_PASSAGES; i++) {
      text.append(passages.next(Math.multiplyExact(tokenCount, CHARACTERS_PER_TOKEN)));
      ImmutableIntArray ids = tokenizer.tokenize(List.of(text.toString()), false).get(0);
      if (ids.length() >= tokenCount) {
        return ids.subArray(0, tokenCount);
      }
      text.append("\n\n");
    }
    throw new RunFailedException(
        "worker "
            + tokenizer.address()
            + " makes less than "
            + tokenCount
            + " tokens of "
            + text.length()
            + " characters; check its tokenizer.json");
  }
}

package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.TtftCorpus;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** The embedded prose in the tokens of a worker's model. */
final class CorpusPassages implements TtftPrompts.Passages {
  /** English prose has four to five characters a token; short words of small vocabularies less. */
  private static final int FIRST_CHARACTERS_PER_TOKEN = 6;

  private static final int MAX_CHARACTERS_PER_TOKEN = 200;

  private final TtftCorpus corpus;
  private final WorkerClient tokenizer;
  private final long seed;

  CorpusPassages(TtftCorpus corpus, WorkerClient tokenizer, long seed) {
    this.corpus = corpus;
    this.tokenizer = tokenizer;
    this.seed = seed;
  }

  @Override
  public ImmutableIntArray tokens(int index, int tokenCount) {
    for (int perToken = FIRST_CHARACTERS_PER_TOKEN;
        perToken <= MAX_CHARACTERS_PER_TOKEN;
        perToken *= 2) {
      String text = corpus.passage(seed, index, Math.multiplyExact(tokenCount, perToken));
      ImmutableIntArray ids = tokenizer.tokenize(List.of(text), false).get(0);
      if (ids.length() >= tokenCount) {
        return ids.subArray(0, tokenCount);
      }
    }
    throw new RunFailedException(
        "worker "
            + tokenizer.address()
            + ": its tokenizer makes less than one token of "
            + MAX_CHARACTERS_PER_TOKEN
            + " characters; check its tokenizer.json");
  }
}

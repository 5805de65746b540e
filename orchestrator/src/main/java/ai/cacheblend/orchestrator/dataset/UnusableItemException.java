package ai.cacheblend.orchestrator.dataset;

/** An item that is left out and counted: it lacks a text, or the data set marks it. */
final class UnusableItemException extends RuntimeException {

  /**
   * @param reason equal for items that are counted together
   */
  UnusableItemException(String reason) {
    super(reason);
  }
}

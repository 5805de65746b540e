package ai.cacheblend.hub;

/** Pulls the model that the argument names, in a process that can be killed. */
final class PullMain {
  private PullMain() {}

  public static void main(String[] arguments) throws HubException {
    PullProgress progress =
        new PullProgress(PullProgress.Style.PLAIN, System.out, System::nanoTime);
    Hub hub = Hub.of(System.getenv(), progress);
    hub.model(Repository.model(arguments[0]), Revision.MAIN, ModelFiles.ALL);
  }
}

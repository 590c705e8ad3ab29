import org.apache.solr.embedded.JettyConfig;
import org.apache.solr.embedded.JettySolrRunner;

/** Serves one Solr home on one loopback port until it is told to stop. Arguments: home, port. */
public final class SolrMain {
  public static void main(String[] args) throws Exception {
    JettyConfig config =
        new JettyConfig.Builder().setContext("/solr").setPort(Integer.parseInt(args[1])).build();
    JettySolrRunner solr = new JettySolrRunner(args[0], config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(solr)));
    solr.start();
    Thread.currentThread().join();
  }

  private static void stop(JettySolrRunner solr) {
    try {
      solr.stop();
    } catch (Exception fault) {
      fault.printStackTrace();
    }
  }
}

package k8s

// What a field of that JSON name usually holds, so that filled objects read like real ones.
var byField = map[string][]string{
	"name":                       {"platform-mysql", "web", "coredns", "node-exporter", "cert-manager-webhook", "x", "redis-0", "my-app-5d8f9c7b6d-2xkqp"},
	"generatename":               {"web-7c5ddbdf54-", "job-"},
	"namespace":                  {"default", "kube-system", "biz-prod-qe2bu3", "monitoring"},
	"uid":                        {"0f7bb3c1-5c3e-4d25-9a0b-6c1f4c1b2f11", "b8a1d6f4-2e0c-4d1b-8f6e-1c9f1f0a7d22", "3d5c2b7e-91aa-4e33-b7c0-2f8e6d4a5c90"},
	"selflink":                   {"/api/v1/namespaces/default/pods/web"},
	"resourceversion":            {"1", "48213", "9007199254740993"},
	"continue":                   {"eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTIzfQ"},
	"manager":                    {"kubectl-client-side-apply", "kube-controller-manager", "helm"},
	"fieldstype":                 {"FieldsV1"},
	"subresource":                {"status", "scale"},
	"finalizers":                 {"kubernetes.io/pvc-protection", "foregroundDeletion", "example.com/hold"},
	"ip":                         {"172.27.2.78", "172.27.2.79", "172.27.2.80", "10.0.0.1", "2001:db8::7"},
	"ips":                        {"172.27.2.78", "2001:db8::7"},
	"podip":                      {"10.244.1.17"},
	"hostip":                     {"192.168.49.2"},
	"clusterip":                  {"10.96.0.10", "None"},
	"clusterips":                 {"10.96.0.10", "fd00::a"},
	"externalips":                {"203.0.113.7"},
	"loadbalancerip":             {"203.0.113.9"},
	"addresses":                  {"172.27.2.78", "172.27.2.79", "fd00::1:2"},
	"cidr":                       {"10.0.0.0/8", "fd00::/48"},
	"except":                     {"10.1.0.0/16", "10.2.0.0/16"},
	"podcidr":                    {"10.244.3.0/24"},
	"podcidrs":                   {"10.244.3.0/24", "fd00:3::/64"},
	"image":                      {"registry.example.com/mysql:8.0.36", "nginx:1.27", "busybox@sha256:7cc4b5aefd1d0cadf8d97d4350462ba51c694ebca145b08d7d41b41acc8db5aa"},
	"imageid":                    {"registry.example.com/mysql@sha256:7cc4b5aefd1d0cadf8d97d4350462ba51c694ebca145b08d7d41b41acc8db5aa"},
	"containerid":                {"containerd://4f1f3b6f0c6a9f4f5b6c"},
	"command":                    {"/bin/sh", "-c", "exec mysqld --user=mysql"},
	"args":                       {"--v=2", "--bind-address=0.0.0.0", "--name=$(POD_NAME)", "a && b > c"},
	"mountpath":                  {"/var/lib/mysql", "/etc/config", "/tmp"},
	"path":                       {"/healthz", "/var/log", "/"},
	"subpath":                    {"conf.d", "data/0"},
	"host":                       {"mysql.example.com", "10.0.0.7"},
	"hosts":                      {"a.example.com", "*.b.example.com"},
	"hostname":                   {"web-0", "node-a.example.com"},
	"hostnames":                  {"db.local", "db"},
	"nodename":                   {"node-a", "ip-10-0-0-12.eu-west-1.compute.internal"},
	"url":                        {"https://hooks.example.com/validate?a=1&b=2"},
	"key":                        {"app", "node-role.kubernetes.io/control-plane", "topology.kubernetes.io/zone"},
	"value":                      {"true", "prod", "0", "", "a=b", "1e3", "~"},
	"values":                     {"prod", "staging", "eu-west-1a"},
	"schedule":                   {"*/5 * * * *", "0 3 * * 0"},
	"timezone":                   {"Europe/Berlin", "Etc/UTC"},
	"message":                    {"container mysql ended with status 137", "node-a answers again", "no node has 2 CPUs free: 3 were asked"},
	"reason":                     {"BackOff", "Completed", "MinimumReplicasAvailable", "Unhealthy"},
	"type":                       {"Ready", "Available", "Progressing", "Normal", "Warning"},
	"status":                     {"True", "False", "Unknown"},
	"phase":                      {"Active", "Running", "Bound"},
	"protocol":                   {"TCP", "UDP", "SCTP"},
	"appprotocol":                {"http", "kubernetes.io/h2c", "mysql"},
	"kind":                       {"Pod", "Deployment", "Node", "StatefulSet"},
	"apiversion":                 {"v1", "apps/v1", "example.com/v1alpha1"},
	"apigroup":                   {"apps", "rbac.authorization.k8s.io", "storage.k8s.io"},
	"apigroups":                  {"", "apps", "*"},
	"groups":                     {"system:authenticated", "system:nodes"},
	"group":                      {"apps", "example.com"},
	"version":                    {"v1", "v1beta1"},
	"versions":                   {"v1", "v1beta1"},
	"resource":                   {"pods", "deployments", "limits.memory"},
	"resources":                  {"pods", "pods/log", "*"},
	"verb":                       {"get", "create"},
	"verbs":                      {"get", "list", "watch", "*"},
	"user":                       {"system:serviceaccount:default:web", "jane@example.com"},
	"username":                   {"system:serviceaccount:default:web", "jane@example.com"},
	"fieldpath":                  {"metadata.name", "spec.containers{mysql}", "status.podIP"},
	"controller":                 {"example.com/ingress-controller"},
	"provisioner":                {"ebs.csi.aws.com", "kubernetes.io/no-provisioner"},
	"driver":                     {"ebs.csi.aws.com", "gpu.example.com"},
	"volumehandle":               {"vol-0a1b2c3d4e5f67890"},
	"fstype":                     {"ext4", "xfs"},
	"server":                     {"nfs.example.com"},
	"storageclassname":           {"standard", "gp3"},
	"mountoptions":               {"noatime", "ro"},
	"expression":                 {"object.spec.replicas <= 5 && has(object.metadata.labels)", "self.size() > 0"},
	"pattern":                    {"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
	"description":                {"the size of it", "kept for older clients"},
	"labelselector":              {"app=web,tier!=cache", "a in (b,c)"},
	"fieldselector":              {"metadata.name=web"},
	"holderidentity":             {"node-a_7d0a8d34"},
	"acquiretime":                {"2024-02-29T12:00:00.000001Z"},
	"clientip":                   {"198.51.100.4"},
	"externalname":               {"db.example.com"},
	"priorityclassname":          {"system-node-critical"},
	"schedulername":              {"default-scheduler"},
	"serviceaccount":             {"default"},
	"unhealthypodevictionpolicy": {"AlwaysAllow"},
}

// What a string type with constants may hold, by the name of the Go type.
var byType = map[string][]string{
	"Protocol":                      {"TCP", "UDP", "SCTP"},
	"PullPolicy":                    {"Always", "IfNotPresent", "Never"},
	"RestartPolicy":                 {"Always", "OnFailure", "Never"},
	"ConditionStatus":               {"True", "False", "Unknown"},
	"PodPhase":                      {"Pending", "Running", "Succeeded", "Failed"},
	"PodConditionType":              {"PodScheduled", "Ready", "ContainersReady"},
	"PodQOSClass":                   {"Guaranteed", "Burstable", "BestEffort"},
	"ServiceType":                   {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"},
	"ServiceAffinity":               {"ClientIP", "None"},
	"IPFamily":                      {"IPv4", "IPv6"},
	"IPFamilyPolicy":                {"SingleStack", "PreferDualStack"},
	"AddressType":                   {"IPv4", "IPv6", "FQDN"},
	"NodeAddressType":               {"InternalIP", "Hostname"},
	"NodeConditionType":             {"Ready", "MemoryPressure", "DiskPressure"},
	"DNSPolicy":                     {"ClusterFirst", "Default", "None"},
	"TaintEffect":                   {"NoSchedule", "PreferNoSchedule", "NoExecute"},
	"TolerationOperator":            {"Exists", "Equal"},
	"NodeSelectorOperator":          {"In", "NotIn", "Exists", "Gt"},
	"LabelSelectorOperator":         {"In", "NotIn", "Exists", "DoesNotExist"},
	"PersistentVolumeAccessMode":    {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"},
	"PersistentVolumeMode":          {"Filesystem", "Block"},
	"PersistentVolumeReclaimPolicy": {"Retain", "Delete"},
	"VolumeBindingMode":             {"Immediate", "WaitForFirstConsumer"},
	"SecretType":                    {"Opaque", "kubernetes.io/tls"},
	"NamespacePhase":                {"Active", "Terminating"},
	"URIScheme":                     {"HTTP", "HTTPS"},
	"MountPropagationMode":          {"None", "HostToContainer", "Bidirectional"},
	"TerminationMessagePolicy":      {"File", "FallbackToLogsOnError"},
	"Capability":                    {"NET_ADMIN", "SYS_TIME", "ALL"},
	"DeploymentStrategyType":        {"RollingUpdate", "Recreate"},
	"PodManagementPolicyType":       {"OrderedReady", "Parallel"},
	"ConcurrencyPolicy":             {"Allow", "Forbid", "Replace"},
	"CompletionMode":                {"NonIndexed", "Indexed"},
	"PathType":                      {"Exact", "Prefix", "ImplementationSpecific"},
	"PolicyType":                    {"Ingress", "Egress"},
	"FailurePolicyType":             {"Fail", "Ignore"},
	"MatchPolicyType":               {"Exact", "Equivalent"},
	"SideEffectClass":               {"None", "NoneOnDryRun"},
	"OperationType":                 {"CREATE", "UPDATE", "*"},
	"ResourceScope":                 {"Namespaced", "Cluster"},
	"ScopeType":                     {"Namespaced", "*"},
	"MetricSourceType":              {"Resource", "Pods", "External"},
	"MetricTargetType":              {"Utilization", "AverageValue"},
	"ManagedFieldsOperationType":    {"Apply", "Update"},
	"DeletionPropagation":           {"Orphan", "Background", "Foreground"},
	"UniqueVolumeName":              {"kubernetes.io/csi/ebs.csi.aws.com^vol-0a1b"},
	"FinalizerName":                 {"kubernetes"},
	"UID":                           {"0f7bb3c1-5c3e-4d25-9a0b-6c1f4c1b2f11", "b8a1d6f4-2e0c-4d1b-8f6e-1c9f1f0a7d22"},
}

// Keys of maps by the JSON name of the field; their order by bytes differs from the order in
// which a person counts, and from YAML's natural order.
var keysByField = map[string][]string{
	"labels":            {"tier", "app.kubernetes.io/name", "app", "pod-template-hash", "App"},
	"matchlabels":       {"tier", "app.kubernetes.io/name", "app"},
	"selector":          {"tier", "app"},
	"nodeselector":      {"kubernetes.io/os", "disk", "kubernetes.io/arch"},
	"annotations":       {"prometheus.io/scrape", "deployment.kubernetes.io/revision", "note", "kubectl.kubernetes.io/last-applied-configuration", "b.example.com/ünï"},
	"data":              {"my.cnf", "key10", "key9", "key1", "Zone", "run.sh"},
	"binarydata":        {"logo.png", "a10", "a9"},
	"stringdata":        {"password", "user"},
	"parameters":        {"type", "encrypted", "iopsPerGB", "10", "9"},
	"volumeattributes":  {"storage.kubernetes.io/csiProvisionerIdentity", "path"},
	"extra":             {"scopes", "authentication.kubernetes.io/pod-name", "example.com/Z"},
	"properties":        {"spec", "status", "metadata", "a_b", "a-b"},
	"patternproperties": {"^x-", "^[a-z]+$"},
	"attributes":        {"model", "example.com/driverVersion", "index"},
}

// Keys of maps by the name of the Go type of the key.
var keysByType = map[string][]string{
	"ResourceName":  {"memory", "cpu", "ephemeral-storage", "hugepages-2Mi", "nvidia.com/gpu", "pods"},
	"QualifiedName": {"memory", "gpu.example.com/cores", "bandwidth"},
}

var words = []string{"alpha", "beta", "standard", "blue-green", "zone-1", "team/x", "v2", "node-a", "on-demand"}

var keyWords = []string{"key10", "key9", "alpha", "Zeta", "a.b", "a-b", "ä"}

// Strings that JSON or YAML must escape, quote or fold.
var oddities = []string{
	"<a href=\"x\">Tom & Jerry</a>",
	"Grüße aus Köln, 東京, عربى",
	"😀 done",
	"line one\nline two\n",
	"\ttab and trailing space ",
	"back\\slash \"quoted\" 'single'",
	"line\u2028separator\u2029paragraph",
	"\b\f\r\x01\x1f",
	"yes", "null", "~", "0o17", "1e3", "012", "1:30", "2024-02-29", "- item", "# no comment", "a: b", "{}", "!tag", "*", "&x", "@at", "%", "",
	"a replacement character \ufffd itself",
	"this sentence is longer than the eighty columns at which the YAML writer folds a plain scalar into two",
	"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"annotations\":{},\"name\":\"x\"}}\n",
}

// Fields that hold free text, where an oddity may stand.
var freeText = map[string]bool{
	"message": true, "description": true, "value": true, "note": true, "reason": true, "labels": true, "annotations": true,
	"data": true, "command": true, "args": true, "expression": true, "messageexpression": true, "username": true, "title": true,
	"stringdata": true, "parameters": true, "extra": true, "options": true,
}

var quantities = []string{
	"0", "1", "100m", "250m", "1500m", "2", "0.5", "1Ki", "128Mi", "512Mi", "1Gi", "1.5Gi", "10Ti", "3Pi", "7Ei",
	"1k", "500M", "12G", "1T", "2P", "3E", "1e3", "5e-3", "1n", "7u", "-1", "-250m", "-1Gi", "9223372036854775807",
	"-9223372036854775808", "12345678901234567890", "0.000000001", "123456789.123456789", "1024", "1025Mi",
}

// Raw JSON that RawExtension, JSON and FieldsV1 carry. Spaces and `<` come back altered in print.
var rawObjects = []string{
	`{}`,
	`{"kind":"Config","apiVersion":"example.com/v1","b":1,"a":[1,2.50,1e3,-0,null,true,"x"]}`,
	`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}`,
	`{ "spaced" : [ 1 , 2 ] , "html" : "<b>&</b>" }`,
	`{"big":12345678901234567890,"unicode":"é\u00e9\u2028","nested":{"deep":{"deeper":[[],{}]}}}`,
}

var rawFields = []string{
	`{}`,
	`{"f:metadata":{"f:annotations":{".":{},"f:note":{}},"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{}}}`,
	`{"f:subsets":{},"f:metadata":{"f:ownerReferences":{"k:{\"uid\":\"0f7bb3c1-5c3e-4d25-9a0b-6c1f4c1b2f11\"}":{}}}}`,
}

var rawValues = []string{`{"a":1}`, `"text <&>"`, `1`, `1.50`, `-3e2`, `true`, `[1,"2",null]`, `""`}

var portsAndShares = []string{"25%", "http", "mysql", "100%", "8080", ""}

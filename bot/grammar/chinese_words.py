"""The Chinese words of the grammar, and what each stands for."""

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "部署": "deploy", "重新部署": "deploy", "发布": "deploy", "上线": "deploy", "发版": "deploy",
    "回滚": "rollback", "回退": "rollback", "退回": "rollback", "撤回": "rollback", "恢复到": "rollback",
    "扩容": "scale", "缩容": "scale", "扩缩容": "scale", "伸缩": "scale", "扩展": "scale", "调整副本": "scale",
    "日志": "logs", "查日志": "logs", "看日志": "logs", "日志管道": "pipeline", "日志链路": "pipeline",
    "状态": "status", "查状态": "status",
    "历史": "history", "历史记录": "history", "部署历史": "history", "部署记录": "history",
    "取消": "cancel", "停止": "cancel", "中止": "cancel", "终止": "cancel", "取消操作": "cancel",
    "批准": "approve", "同意": "approve", "审批通过": "approve",
    "拒绝": "deny", "驳回": "deny",
    "重试": "retry", "再试": "retry", "采用": "adopt", "认领": "adopt",
    "放弃": "giveup", "确认继续": "proceed", "确认执行": "proceed",
    "重启": "restart", "暂停": "pause", "暂停发布": "pause", "继续": "resume", "恢复": "resume",
    "上下限": "bounds", "扩缩容范围": "bounds",
    "询问": "ask", "求助": "ask", "请求解锁": "ask", "保留": "keep", "保留锁定": "keep",
    "这里是": "here", "本频道是": "here", "频道默认": "here",
    "锁定": "lock", "加锁": "lock", "上锁": "lock", "锁": "lock", "占用": "lock",
    "解锁": "unlock", "解除锁定": "unlock", "释放": "unlock",
    "锁列表": "locks", "锁定情况": "locks", "谁锁了": "locks", "谁锁的": "locks", "谁锁定了": "locks",
    "谁占用了": "locks", "被谁锁了": "locks", "被谁锁定了": "locks", "被谁占用": "locks",
    "延长": "extend", "延长锁定": "extend", "冻结": "freeze", "封版": "freeze",
    "解冻": "unfreeze", "解封": "unfreeze", "解除冻结": "unfreeze",
    "计划": "scheduled", "定时任务": "scheduled", "定时": "scheduled", "已排定": "scheduled",
    "看板": "board", "总览": "board",
    "晋级": "promote", "提升": "promote", "通过": "pass", "测试通过": "pass", "不通过": "fail", "测试不通过": "fail",
    "编译": "build", "变更": "changes", "改动": "changes", "镜像": "images", "邮件": "mail", "通知邮件": "mail",
    "主页": "home", "首页": "home", "设置": "settings", "我的设置": "settings", "个人设置": "settings",
    "关注": "follow", "取消关注": "unfollow", "不再关注": "unfollow",
    "效果": "effect", "前后对比": "effect", "值班": "oncall", "改了什么": "changed", "最近改动": "changed",
    "变更情况": "changed",
    "帮助": "help", "怎么用": "help", "我是谁": "whoami", "我的权限": "whoami",
}  # fmt: skip
"""For the verb of every command; tests/grammar/test_chinese.py says which one lacks a word."""

SMALL: Mapping[str, str] = {
    "到": "to", "至": "to", "直到": "to", "在": "in", "从": "from", "替换": "replacing", "取代": "replacing",
    "最近": "since", "过去": "since", "近": "since",
    "级别": "level", "调试": "debug", "信息": "info", "警告": "warn", "告警": "warn",
    "错误": "error", "报错": "error", "致命": "fatal",
    "搜索": "grep", "搜": "grep", "查找": "grep", "包含": "grep", "含有": "grep",
    "最多": "limit", "因为": "because", "原因": "because", "理由": "because",
    "上个版本": "previous", "上一版": "previous", "上一版本": "previous", "上一个版本": "previous",
    "上一个": "previous", "上一次": "previous", "上次": "previous", "前一个": "previous", "前一次": "previous",
    "前一版": "previous", "前一版本": "previous", "前一个版本": "previous", "前个版本": "previous",
    "容器": "container", "标签": "tag", "分支": "branch", "修订": "revision", "构建": "build",
    "语言": "language", "页": "page", "中文": "zh", "英文": "en", "英语": "en", "私信": "messages",
    "免打扰": "quiet", "勿扰": "quiet", "开": "on", "开启": "on", "打开": "on", "关": "off", "关闭": "off",
    "明天": "tomorrow", "今天": "today", "今晚": "tonight", "今夜": "tonight", "晚上": "tonight",
    "中午": "noon", "正午": "noon", "午夜": "midnight", "半夜": "midnight", "周末": "weekend", "后天": "sometime",
    "稍后": "sometime", "一会": "sometime", "一会儿": "sometime", "等会儿": "sometime", "待会": "sometime",
    "待会儿": "sometime", "过会儿": "sometime", "晚点": "sometime", "下班后": "sometime", "明早": "sometime",
    "早上": "sometime", "上午": "sometime", "下午": "sometime", "傍晚": "sometime", "凌晨": "sometime",
    "周一": "monday", "周二": "tuesday", "周三": "wednesday", "周四": "thursday", "周五": "friday",
    "周六": "saturday", "周日": "sunday", "周天": "sunday",
    "星期一": "monday", "星期二": "tuesday", "星期三": "wednesday", "星期四": "thursday",
    "星期五": "friday", "星期六": "saturday", "星期日": "sunday", "星期天": "sunday",
    "秒": "s", "秒钟": "s", "分钟": "min", "分": "min", "小时": "h", "个小时": "h", "钟头": "h", "天": "d",
    "周": "w", "星期": "w", "前": "ago", "之前": "ago", "以前": "ago",
    "不": "not", "不要": "not", "别": "not", "先别": "not", "不用": "not", "勿": "not", "请勿": "not", "禁止": "not",
    "不能": "not", "不可以": "not", "不许": "not", "不准": "not", "暂不": "not", "先不": "not", "先不要": "not",
    "千万别": "not", "千万不要": "not", "无需": "not", "不必": "not", "不是": "not", "而不是": "not", "除了": "not",
    "如果": "if", "要是": "if", "万一": "if", "假如": "if", "一旦": "if", "只要": "if", "等": "if", "除非": "unless",
    "后": "after", "之后": "after", "以后": "after", "就": "then", "再": "then", "然后": "then", "接着": "then",
    "和": "and", "与": "and", "及": "and", "以及": "and", "跟": "and", "或": "or", "或者": "or", "还是": "or",
}  # fmt: skip

NOISE = frozenset(
    {
        "请", "请帮我", "帮我", "帮忙", "麻烦", "麻烦你", "劳驾", "能帮我", "能不能帮我", "可以帮我", "谢谢", "多谢",
        "一下", "下", "吧", "啊", "哈", "的", "给", "我要", "我想", "想要",
        "副本", "个副本", "实例", "个实例", "条", "行", "项目", "服务", "环境", "里",
        "里面", "中", "上面", "版本", "全部", "现在", "立即", "马上", "你好", "您好",
    }
)  # fmt: skip
"""Small words that say nothing of what is wanted."""

LOOKING = frozenset(
    {"查看", "查询", "看", "看看", "看一下", "看下", "查", "查一下", "查下", "查查", "显示", "列出"}
    | {
        "了",
        "了吗",
        "了没",
        "了没有",
        "好了",
        "好了吗",
        "完了",
        "完了吗",
        "没",
        "没有",
        "已",
        "已经",
        "刚",
        "刚刚",
        "正在",
    }
    | {"谁", "什么时候", "怎么", "如何", "为什么"}
)
"""Whoever says these wants to see something, or whether and by whom it was done: no order."""

TAKING = frozenset({"把", "将"})
"""`把web重启`: what these stand before comes before its verb, and it is an order nevertheless."""

DOUBTFUL = frozenset(
    {"呢", "内", "之内", "以内", "以上", "以下", "左右", "大约", "大概", "差不多", "约"}
    | {
        "吗",
        "么",
        "嘛",
        "要",
        "要不要",
        "能",
        "能不能",
        "能否",
        "可以",
        "可不可以",
        "可否",
        "是否",
        "是不是",
        "该",
        "该不该",
    }
    | {"应该", "行吗", "好吗", "可以吗", "好不好", "行不行", "对吗", "是吗", "想", "准备", "打算", "我们"}
)
"""They make a question, a plan or an estimate of what is said; in what only reads they say nothing."""

COUNTING = frozenset({"个", "上", "为"})
"""`六个` is a number of replicas, `上2个` is no version: what these mean depends on the words around them."""
